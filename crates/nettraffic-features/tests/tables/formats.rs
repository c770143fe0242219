//! Small tables of each format.

use std::sync::Arc;

use nettraffic_features::{
    Column, ColumnRole, Missing, OtherColumns, Schema, Table, TableError, TableFormat, TableLayout,
    TableOptions, Unit,
};

use crate::{Outcome, assert_closes, columns, value};

fn read(text: &[u8]) -> Result<Table, TableError> {
    let table = TableOptions::default().read(text)?;
    assert_closes(&table.account);
    Ok(table)
}

fn refusals(table: &Table) -> Vec<String> {
    table
        .account
        .refusals
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn labels(table: &Table) -> Vec<Option<&str>> {
    (0..table.rows()).map(|row| table.label(row)).collect()
}

const CIC_2017: &[u8] = b"Flow ID, Source IP, Source Port, Destination IP, Destination Port, \
Protocol, Timestamp, Flow Duration, Total Fwd Packets,Flow Bytes/s, Flow Packets/s, Flow IAT Mean, \
Fwd Header Length, Fwd Header Length, Label\r\n\
a-b,10.0.0.1,1,10.0.0.2,80,6,7/7/2017 3:30,0,2,Infinity,NaN,0,40,40,Web Attack \x96 XSS\r\n\
a-b,10.0.0.1,1,10.0.0.2,53,17,7/7/2017 3:31,5,3,,1e9,2.5,24,24,BENIGN\r\n\
,,,,,,,,,,,,,,\r\n\
a-b,10.0.0.1,1,10.0.0.2,80,6,7/7/2017 3:30,Infinity,2,1,1,0,40,40,BENIGN\r\n";

#[test]
fn cic_ids2017_with_its_faults() -> Outcome {
    let table = read(CIC_2017)?;
    assert_eq!(
        columns(&table),
        "Protocol=17|6 Flow Duration Total Fwd Packets Flow Bytes/s Flow Packets/s Flow IAT Mean \
         Fwd Header Length"
    );
    assert_eq!(
        table.matrix.row(0).to_vec(),
        [1.0, 0.0, 2.0, 0.0, 0.0, 0.0, 40.0]
    );
    assert_eq!(labels(&table), [Some("Web Attack - XSS"), Some("BENIGN")]);
    assert_eq!(table.lines, [2, 3]);
    assert_eq!(
        refusals(&table),
        [
            "line 4: column \"Flow Duration\" is empty",
            "line 5: column \"Flow Duration\": \"Infinity\" is not finite",
        ]
    );
    let replaced: Vec<String> = table
        .account
        .replaced
        .iter()
        .filter(|column| column.total() > 0)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        replaced,
        [
            "Flow Bytes/s: 1 empty 1 infinite",
            "Flow Packets/s: 1 not a number"
        ]
    );
    assert_eq!(table.account.left_out, ["Fwd Header Length.1"]);
    assert_eq!(table.account.encoding.broken_lines, 1);
    assert_eq!(table.account.encoding.labels_mended, 1);
    Ok(())
}

#[test]
fn cse_cic_ids2018_has_the_schema_of_2017() -> Outcome {
    let text = "Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Flow Byts/s,Flow Pkts/s,\
        Flow IAT Mean,Fwd Header Len,Label\n\
        443,6,14/02/2018 08:31:01,10,2,3.5,4,5,6,Benign\n\
        Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Flow Byts/s,Flow Pkts/s,\
        Flow IAT Mean,Fwd Header Len,Label\n\
        53,17,14/02/2018 08:31:02,10,2,3.5,4,5,6,Bot\n";
    let table = read(text.as_bytes())?;
    assert_eq!(table.matrix.schema(), read(CIC_2017)?.matrix.schema());
    assert_eq!(refusals(&table), ["line 3: the header again"]);
    assert_eq!(
        (table.is_attack(0), table.is_attack(1)),
        (Some(false), Some(true))
    );
    assert_eq!(table.account.absent.len(), 77 - 7);
    assert!(table.account.absent.contains(&"Flow IAT Std".to_owned()));
    let identity: Vec<&str> = table.identity.iter().map(|column| column.name()).collect();
    assert_eq!(identity, ["Destination Port", "Timestamp"]);
    Ok(())
}

fn kdd(service: &str, tail: &str) -> String {
    format!("0,tcp,{service},SF,{}0.5{tail}\n", "1,".repeat(36))
}

#[test]
fn kdd99_and_nsl_kdd_have_one_schema_and_no_difficulty() -> Outcome {
    let kdd99 = kdd("http", ",normal.") + &kdd("smtp", ",smurf.");
    let nsl = kdd("http", ",normal,21") + &kdd("smtp", ",smurf,3") + &kdd("smtp", ",new,");
    let bare = kdd("http", "") + &kdd("smtp", "");
    let [kdd99, nsl, bare] = [kdd99, nsl, bare].map(|text| read(text.as_bytes()));
    let (kdd99, nsl, bare) = (kdd99?, nsl?, bare?);
    for table in [&kdd99, &nsl, &bare] {
        assert_eq!(table.matrix.schema(), kdd99.matrix.schema());
        assert_eq!(table.matrix.schema().len(), 41);
    }
    assert_eq!(labels(&kdd99), [Some("normal"), Some("smurf")]);
    assert_eq!(labels(&nsl), [Some("normal"), Some("smurf"), Some("new")]);
    assert_eq!(labels(&bare), [None, None]);
    let family = nsl.label_column("family").ok_or("no family")?;
    let families: Vec<_> = (0..3).map(|row| family.get(row)).collect();
    assert_eq!(families, ["normal", "dos", "unknown"].map(Some));
    Ok(())
}

#[test]
fn a_row_of_another_width_is_refused_once_the_first_has_settled_it() -> Outcome {
    let text = "0,tcp\n".to_owned() + &kdd("http", ",normal,21") + &kdd("http", ",normal");
    let table = TableOptions::default()
        .format(TableFormat::Kdd)
        .read(text.as_bytes())?;
    assert_eq!(
        refusals(&table),
        [
            "line 1: 2 fields, the table has 43 columns",
            "line 3: 42 fields, the table has 43 columns"
        ]
    );
    Ok(())
}

#[test]
fn raw_unsw_nb15_has_no_header_and_blank_classes() -> Outcome {
    let row = |state: &str, ftp: &str, class: &str, label: u8| {
        format!(
            "59.166.0.0,0x20,149.171.126.6,53,udp,{state},0.001055,132,164,31,29,0,0,dns,500473.9,\
             621800.9,2,2,0,0,0,0,66,82,0,0,0,0,1421927414,1421927414,0.017,0.013,0,0,0,0,0,\
             {ftp},{ftp},{ftp},3,7,1,3,1,1,1,{class},{label}\r\n"
        )
    };
    let text = row("CON", "0", "", 0)
        + &row("FIN", " ", " Fuzzers ", 1)
        + &row("CON", "1", "Backdoors", 1);
    let table = read(text.as_bytes())?;
    assert_eq!(table.rows(), 3);
    assert_eq!(labels(&table), ["Normal", "Fuzzers", "Backdoor"].map(Some));
    assert_eq!(table.matrix.schema().len(), 41);
    assert_eq!(value(&table, 2, "is_ftp_login"), Some(1.0));
    assert_eq!(table.account.values_replaced(), 3);
    let ports = table.identity_column("sport").ok_or("no port")?;
    assert_eq!(ports.get(0), Some("0x20"));
    Ok(())
}

const ZEEK: &str = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n\
#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\
\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\
\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n#types\ttime\tstring\n\
1.5\tC1\t::1\t4\t::2\t80\ttcp\thttp\t0.25\t10\t20\tSF\tT\tF\t0\tShADad\t3\t180\t2\t90\t(empty)\n\
2.5\tC2\t::1\t4\t::2\t80\tudp\t-\t-\t-\t-\tS0\t-\t-\t0\tD\t1\t60\t0\t0\t-\n\
#close\t2026-01-01-00-00-00\n";

#[test]
fn zeek_text_and_json_give_the_same_rows() -> Outcome {
    let json = "{\"ts\":1.5,\"uid\":\"C1\",\"id.orig_h\":\"::1\",\"id.orig_p\":4,\"id.resp_h\":\"::2\",\
        \"id.resp_p\":80,\"proto\":\"tcp\",\"service\":\"http\",\"duration\":0.25,\"orig_bytes\":10,\
        \"resp_bytes\":20,\"conn_state\":\"SF\",\"local_orig\":true,\"missed_bytes\":0,\
        \"history\":\"ShADad\",\"orig_pkts\":3,\"orig_ip_bytes\":180,\"resp_pkts\":2,\"resp_ip_bytes\":90,\
        \"site\":{\"name\":\"x\"}}\n\
        {\"ts\":2.5,\"uid\":\"C2\",\"id.orig_h\":\"::1\",\"id.orig_p\":4,\"id.resp_h\":\"::2\",\
        \"id.resp_p\":80,\"proto\":\"udp\",\"conn_state\":\"S0\",\"missed_bytes\":0,\
        \"orig_pkts\":1,\"orig_ip_bytes\":60,\"resp_pkts\":0,\"resp_ip_bytes\":0}\n";
    let (text, json) = (read(ZEEK.as_bytes())?, read(json.as_bytes())?);
    assert_eq!(
        columns(&text),
        "proto=tcp|udp service=-|http conn_state=S0|SF duration duration_missing orig_bytes \
         orig_bytes_missing resp_bytes resp_bytes_missing missed_bytes orig_pkts orig_ip_bytes \
         resp_pkts resp_ip_bytes"
    );
    assert_eq!(
        text.matrix.row(1).to_vec(),
        [
            1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 60.0, 0.0, 0.0
        ]
    );
    assert_eq!(text.matrix, json.matrix);
    assert_eq!(text.account.headings, 8);
    assert_eq!(json.account.unknown, ["site.name"]);
    assert_eq!(json.account.left_out, ["local_orig", "history"]);
    assert_eq!(
        text.account.left_out,
        ["local_orig", "local_resp", "history", "tunnel_parents"]
    );
    for name in ["ts", "uid", "id.orig_h", "id.resp_p"] {
        let [a, b] = [&text, &json].map(|table| table.identity_column(name).and_then(|c| c.get(0)));
        assert!(a.is_some() && a == b, "{name}: {a:?} {b:?}");
    }
    assert!(text.labels.is_empty() && json.labels.is_empty());
    Ok(())
}

#[test]
fn logs_put_one_behind_the_other_are_one_table_while_the_columns_are_the_same() -> Outcome {
    assert_eq!(read((ZEEK.to_owned() + ZEEK).as_bytes())?.rows(), 4);
    let other = ZEEK.replace("\tlocal_orig\tlocal_resp", "\tlocal_resp\tlocal_orig");
    let error = read((ZEEK.to_owned() + &other).as_bytes()).err();
    assert!(
        matches!(error, Some(TableError::ColumnsChange { line: 16 })),
        "{error:?}"
    );
    let error = read(b"#separator \\x09\n1\t2\n").err();
    assert!(
        matches!(error, Some(TableError::NoHeader { line: 2 })),
        "{error:?}"
    );
    Ok(())
}

#[test]
fn of_suricatas_events_the_flows_are_read() -> Outcome {
    let text = "{\"timestamp\":\"2026-01-01T00:00:00\",\"event_type\":\"dns\",\"dns\":{\"id\":1}}\n\
        {\"timestamp\":\"2026-01-01T00:00:01\",\"flow_id\":7,\"event_type\":\"flow\",\"src_ip\":\"::1\",\
        \"src_port\":5,\"dest_ip\":\"::2\",\"dest_port\":80,\"proto\":\"TCP\",\"app_proto\":\"http\",\
        \"flow\":{\"pkts_toserver\":6,\"pkts_toclient\":5,\"bytes_toserver\":600,\"bytes_toclient\":500,\
        \"start\":\"2026\",\"end\":\"2026\",\"age\":3,\"state\":\"closed\",\"reason\":\"timeout\",\
        \"alerted\":true},\"tcp\":{\"tcp_flags\":\"1b\",\"syn\":true,\"state\":\"closed\"},\"new\":1}\n\
        {\"event_type\":\"flow\",\"proto\":\"UDP\",\"flow\":{\"pkts_toserver\":\"x\"}}\n\
        {\"event_type\":\"flow\",\"proto\":\"UDP\",\"proto\":\"TCP\"}\n\
        {\"event_type\":\"flow\"\n";
    let table = read(text.as_bytes())?;
    assert_eq!((table.rows(), table.account.passed_over), (1, 1));
    assert_eq!(value(&table, 0, "tcp.syn"), Some(1.0));
    assert_eq!(value(&table, 0, "tcp.fin"), Some(0.0));
    assert_eq!(value(&table, 0, "flow.bytes_toclient"), Some(500.0));
    assert!(table.matrix.schema().position("flow.alerted").is_none());
    assert_eq!(table.account.unknown, ["new"]);
    let reasons: Vec<_> = table
        .account
        .refusals
        .iter()
        .map(|r| (r.line, r.reason.name()))
        .collect();
    assert_eq!(reasons, [(3, "not_a_number"), (4, "json"), (5, "json")]);
    Ok(())
}

#[test]
fn a_mapping_of_the_callers_says_what_is_what() -> Outcome {
    let layout = || {
        TableLayout::delimited('|')
            .without_header(["who", "bytes", "rate", "kind", "class", "note"])
            .identity("who")
            .number("bytes", Unit::Bytes)
            .column(
                "rate",
                ColumnRole::Number {
                    unit: Unit::Ratio,
                    missing: Missing::Indicated(0.5),
                },
            )
            .category("kind")
            .label("class")
            .unset("NA")
    };
    let text = "a|1|0.1|x|good|?\n\"b|c\"|2|NA|NA|bad|?\nd|NA|1|x|bad|?\n";
    let table = TableOptions::default()
        .layout(layout())
        .read(text.as_bytes())?;
    assert_eq!(columns(&table), "bytes rate rate_missing kind=-|x");
    assert_eq!(table.matrix.row(0).to_vec(), [1.0, 0.1, 0.0, 1.0]);
    assert_eq!(table.matrix.row(1).to_vec(), [2.0, 0.5, 1.0, 0.0]);
    assert_eq!(refusals(&table), ["line 3: column \"bytes\" is empty"]);
    assert_eq!(
        table.identity_column("who").and_then(|who| who.get(1)),
        Some("b|c")
    );
    assert_eq!(table.account.unknown, ["note"]);

    // Without the last two, which are no features; with them as features.
    let table = TableOptions::default()
        .layout(layout())
        .read(&b"a|1|0.1|x\n"[..])?;
    assert_eq!((table.rows(), table.labels.len()), (1, 0));
    assert_eq!(table.account.absent, ["class"]);
    let layout = layout().others(OtherColumns::Features);
    let table = TableOptions::default()
        .layout(layout)
        .read(text.as_bytes())?;
    assert_eq!(columns(&table), "bytes rate rate_missing kind=-|x note=?");
    Ok(())
}

#[test]
fn a_given_schema_rules_order_categories_and_gaps() -> Outcome {
    let bytes = Column::number("bytes", Unit::Bytes).with_missing(Missing::Indicated(-1.0));
    let schema = Arc::new(Schema::new(vec![
        Column::category("kind", ["y", "x"]),
        bytes.clone(),
        bytes.indicator(),
    ])?);
    let layout = TableLayout::delimited(',').others(OtherColumns::Features);
    let options = TableOptions::default()
        .layout(layout)
        .schema(Arc::clone(&schema));
    let table = options
        .clone()
        .read(&b"bytes,kind,more\n5,x,1\n,z,1\n7,y,1\n"[..])?;
    assert_eq!(table.matrix.schema(), &schema);
    let values: Vec<_> = (0..3).map(|row| table.matrix.row(row).to_vec()).collect();
    assert_eq!(values, [[1.0, 5.0, 0.0], [2.0, -1.0, 1.0], [0.0, 7.0, 0.0]]);
    assert_eq!(table.account.left_out, ["more"]);
    assert_eq!(
        table.account.replaced.first().map(|kind| kind.unseen),
        Some(1)
    );

    // A list without a name is a list as well, and nothing is learned.
    let nothing = Arc::new(Schema::new(vec![Column::category("kind", [""; 0])])?);
    let table = options
        .clone()
        .schema(Arc::clone(&nothing))
        .read(&b"kind\nx\ny\n"[..])?;
    assert_eq!(table.matrix.schema(), &nothing);
    assert_eq!(table.account.values_replaced(), 2);

    let error = options.read(&b"kind\nx\n"[..]).err();
    let missing = matches!(&error, Some(TableError::MissingColumns { names })
        if names[..] == ["bytes", "bytes_missing"]);
    assert!(missing, "{error:?}");
    Ok(())
}

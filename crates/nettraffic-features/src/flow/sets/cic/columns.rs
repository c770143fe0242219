//! The columns of CIC-IDS2017 and CSE-CIC-IDS2018, and which features of ours they are.

/// A column of the public tables.
#[derive(Clone, Copy, Debug)]
pub(in crate::flow) struct CicColumn {
    /// The feature.
    pub(in crate::flow) ours: &'static str,
    /// The name in CIC-IDS2017, without the blank before it.
    pub(in crate::flow) in_2017: &'static str,
    /// The name in CSE-CIC-IDS2018; `None` where only CIC-IDS2017 has the column.
    pub(in crate::flow) in_2018: Option<&'static str>,
    /// What the tables hold where the feature is undefined; `None`: what its own rule says.
    pub(in crate::flow) undefined: Option<f64>,
}

const fn column(ours: &'static str, in_2017: &'static str, in_2018: &'static str) -> CicColumn {
    CicColumn {
        ours,
        in_2017,
        in_2018: Some(in_2018),
        undefined: None,
    }
}

impl CicColumn {
    const fn only_in_2017(mut self) -> Self {
        self.in_2018 = None;
        self
    }

    const fn undefined_as(mut self, value: f64) -> Self {
        self.undefined = Some(value);
        self
    }
}

/// All that are features, in the order of both tables.
#[rustfmt::skip]
pub(in crate::flow) static COLUMNS: [CicColumn; 77] = [
    column("flow_duration", "Flow Duration", "Flow Duration"),
    column("forward_packets", "Total Fwd Packets", "Tot Fwd Pkts"),
    column("backward_packets", "Total Backward Packets", "Tot Bwd Pkts"),
    column("forward_payload_bytes", "Total Length of Fwd Packets", "TotLen Fwd Pkts"),
    column("backward_payload_bytes", "Total Length of Bwd Packets", "TotLen Bwd Pkts"),
    column("forward_payload_max", "Fwd Packet Length Max", "Fwd Pkt Len Max"),
    column("forward_payload_min", "Fwd Packet Length Min", "Fwd Pkt Len Min"),
    column("forward_payload_mean", "Fwd Packet Length Mean", "Fwd Pkt Len Mean"),
    column("forward_payload_sample_std", "Fwd Packet Length Std", "Fwd Pkt Len Std"),
    column("backward_payload_max", "Bwd Packet Length Max", "Bwd Pkt Len Max"),
    column("backward_payload_min", "Bwd Packet Length Min", "Bwd Pkt Len Min"),
    column("backward_payload_mean", "Bwd Packet Length Mean", "Bwd Pkt Len Mean"),
    column("backward_payload_sample_std", "Bwd Packet Length Std", "Bwd Pkt Len Std"),
    column("payload_per_second", "Flow Bytes/s", "Flow Byts/s"),
    column("packets_per_second", "Flow Packets/s", "Flow Pkts/s"),
    column("gap_mean", "Flow IAT Mean", "Flow IAT Mean"),
    column("gap_sample_std", "Flow IAT Std", "Flow IAT Std"),
    column("gap_max", "Flow IAT Max", "Flow IAT Max"),
    column("gap_min", "Flow IAT Min", "Flow IAT Min"),
    column("forward_gap_total", "Fwd IAT Total", "Fwd IAT Tot"),
    column("forward_gap_mean", "Fwd IAT Mean", "Fwd IAT Mean"),
    column("forward_gap_sample_std", "Fwd IAT Std", "Fwd IAT Std"),
    column("forward_gap_max", "Fwd IAT Max", "Fwd IAT Max"),
    column("forward_gap_min", "Fwd IAT Min", "Fwd IAT Min"),
    column("backward_gap_total", "Bwd IAT Total", "Bwd IAT Tot"),
    column("backward_gap_mean", "Bwd IAT Mean", "Bwd IAT Mean"),
    column("backward_gap_sample_std", "Bwd IAT Std", "Bwd IAT Std"),
    column("backward_gap_max", "Bwd IAT Max", "Bwd IAT Max"),
    column("backward_gap_min", "Bwd IAT Min", "Bwd IAT Min"),
    column("forward_psh", "Fwd PSH Flags", "Fwd PSH Flags"),
    column("backward_psh", "Bwd PSH Flags", "Bwd PSH Flags"),
    column("forward_urg", "Fwd URG Flags", "Fwd URG Flags"),
    column("backward_urg", "Bwd URG Flags", "Bwd URG Flags"),
    column("forward_header_bytes", "Fwd Header Length", "Fwd Header Len"),
    column("backward_header_bytes", "Bwd Header Length", "Bwd Header Len"),
    column("forward_packets_per_second", "Fwd Packets/s", "Fwd Pkts/s"),
    column("backward_packets_per_second", "Bwd Packets/s", "Bwd Pkts/s"),
    column("payload_min", "Min Packet Length", "Pkt Len Min"),
    column("payload_max", "Max Packet Length", "Pkt Len Max"),
    column("payload_mean", "Packet Length Mean", "Pkt Len Mean"),
    column("payload_sample_std", "Packet Length Std", "Pkt Len Std"),
    column("payload_sample_variance", "Packet Length Variance", "Pkt Len Var"),
    column("fin", "FIN Flag Count", "FIN Flag Cnt"),
    column("syn", "SYN Flag Count", "SYN Flag Cnt"),
    column("rst", "RST Flag Count", "RST Flag Cnt"),
    column("psh", "PSH Flag Count", "PSH Flag Cnt"),
    column("ack", "ACK Flag Count", "ACK Flag Cnt"),
    column("urg", "URG Flag Count", "URG Flag Cnt"),
    column("cwr", "CWE Flag Count", "CWE Flag Count"),
    column("ece", "ECE Flag Count", "ECE Flag Cnt"),
    column("down_up_ratio", "Down/Up Ratio", "Down/Up Ratio"),
    column("payload_mean", "Average Packet Size", "Pkt Size Avg"),
    column("forward_payload_mean", "Avg Fwd Segment Size", "Fwd Seg Size Avg"),
    column("backward_payload_mean", "Avg Bwd Segment Size", "Bwd Seg Size Avg"),
    // It stands there twice under one name; readers that must tell names apart number the second.
    column("forward_header_bytes", "Fwd Header Length.1", "").only_in_2017(),
    column("forward_bulk_bytes", "Fwd Avg Bytes/Bulk", "Fwd Byts/b Avg"),
    column("forward_bulk_packets", "Fwd Avg Packets/Bulk", "Fwd Pkts/b Avg"),
    column("forward_bulk_rate", "Fwd Avg Bulk Rate", "Fwd Blk Rate Avg"),
    column("backward_bulk_bytes", "Bwd Avg Bytes/Bulk", "Bwd Byts/b Avg"),
    column("backward_bulk_packets", "Bwd Avg Packets/Bulk", "Bwd Pkts/b Avg"),
    column("backward_bulk_rate", "Bwd Avg Bulk Rate", "Bwd Blk Rate Avg"),
    column("subflow_forward_packets", "Subflow Fwd Packets", "Subflow Fwd Pkts"),
    column("subflow_forward_bytes", "Subflow Fwd Bytes", "Subflow Fwd Byts"),
    column("subflow_backward_packets", "Subflow Bwd Packets", "Subflow Bwd Pkts"),
    column("subflow_backward_bytes", "Subflow Bwd Bytes", "Subflow Bwd Byts"),
    column("forward_window", "Init_Win_bytes_forward", "Init Fwd Win Byts").undefined_as(-1.0),
    column("backward_window", "Init_Win_bytes_backward", "Init Bwd Win Byts").undefined_as(-1.0),
    column("forward_data_packets", "act_data_pkt_fwd", "Fwd Act Data Pkts"),
    column("forward_header_min", "min_seg_size_forward", "Fwd Seg Size Min"),
    column("active_mean", "Active Mean", "Active Mean"),
    column("active_sample_std", "Active Std", "Active Std"),
    column("active_max", "Active Max", "Active Max"),
    column("active_min", "Active Min", "Active Min"),
    column("idle_mean", "Idle Mean", "Idle Mean"),
    column("idle_sample_std", "Idle Std", "Idle Std"),
    column("idle_max", "Idle Max", "Idle Max"),
    column("idle_min", "Idle Min", "Idle Min"),
];

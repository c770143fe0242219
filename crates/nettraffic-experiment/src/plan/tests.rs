//! What is a plan and what is none.

use std::path::Path;

use nettraffic_detect::ModelKind;

use super::{DataSource, Plan};
use crate::ExperimentError;

const PLAN: &str = "title = 't'\n\
    [[data]]\nname = 'a'\nfrom.table = { path = 'dir/a.csv' }\n\
    [[data]]\nname = 'b'\nfrom.table = { path = 'b.csv' }\n\
    [[data]]\nname = 'usual'\nfrom.captures = { paths = ['u.pcap'] }\n\
    [[data]]\nname = 'scan'\nfrom.captures = { paths = ['s.pcap'], labels = 's.csv' }\n\
    [[data]]\nname = 'office'\nfrom.scenario = { name = 'demo' }\n\
    [[model]]\nname = 'near'\nfit.kmeans = {}\n\
    [[model]]\nname = 'trees'\nfit.isolation = {}\n\
    [[model]]\nname = 'both'\nfit.fusion = { of = ['near', 'trees'] }\n\
    [[model]]\nname = 'forest'\nfit.forest = {}\n\
    [[study]]\nname = 'one'\ntrain = ['a']\n";

/// The plan with its study ended by these lines.
fn plan(more: &str) -> Result<Plan, ExperimentError> {
    Plan::parse(&format!("{PLAN}{more}\n"))
}

fn names(plan: &Plan, study: usize) -> Result<Vec<String>, ExperimentError> {
    let chosen = plan.chosen(&plan.studies[study])?.into_iter();
    Ok(chosen.map(|chosen| chosen.model.name).collect())
}

#[test]
fn what_is_not_said_has_a_default() -> Result<(), ExperimentError> {
    let plan = plan("test = ['b']")?.rooted(Path::new("/data"));
    assert_eq!(
        (&plan.seeds[..], &plan.rates[..]),
        (&[42, 1, 2, 3, 4][..], &[0.01, 0.05][..])
    );
    assert_eq!(plan.studies[0].contamination, [0.0]);
    assert_eq!(
        names(&plan, 0)?,
        [
            "histogram",
            "single-feature",
            "near",
            "trees",
            "both",
            "forest"
        ]
    );
    assert_eq!(plan.data[0].files(), [Path::new("/data/dir/a.csv")]);
    assert_eq!(
        plan.data[3].files(),
        [Path::new("/data/s.pcap"), Path::new("/data/s.csv")]
    );
    assert!(matches!(&plan.data[4].source, DataSource::Scenario(office) if office.seed == 42));
    Ok(())
}

#[test]
fn flows_are_scored_by_detectors_where_a_plan_defines_no_models() -> Result<(), ExperimentError> {
    let (head, _) = PLAN.split_once("[[model]]").unwrap_or_default();
    let plan = Plan::parse(&format!(
        "{head}[[study]]\nname = 'one'\ntrain = ['usual']\ntest = ['scan']"
    ))?;
    let names = names(&plan, 0)?;
    assert_eq!(names[0], "single-feature");
    for kind in ModelKind::ALL {
        let is_offered = cfg!(feature = "autoencoder") || kind != ModelKind::Autoencoder;
        assert_eq!(
            names.iter().any(|name| name == kind.name()),
            is_offered,
            "{kind:?}"
        );
    }
    Ok(())
}

#[test]
fn models_can_be_chosen_by_name() -> Result<(), ExperimentError> {
    let two = "test = ['b']\n[[study]]\nname = 'two'\ntrain = ['b']\nsplit.stratified = { train = 0.5 }\nmodels = ['near']";
    let mut chosen = plan(two)?;
    let unknown = chosen.choose_models(&["forest".to_owned(), "near".to_owned()]);
    assert!(unknown.is_empty(), "{unknown:?}");
    let models: Vec<_> = chosen
        .studies
        .iter()
        .map(|study| study.models.clone())
        .collect();
    assert_eq!(models, [vec!["forest", "near"], vec!["near"]]);
    assert!(chosen.choose_models(&["forest".to_owned()]).is_empty());
    assert_eq!(chosen.studies.len(), 1);
    assert_eq!(
        names(&chosen, 0)?,
        ["histogram", "single-feature", "forest"]
    );
    assert_eq!(chosen.choose_models(&["magic".to_owned()]), ["magic"]);
    assert!(chosen.check().is_err());
    let mut without = plan("test = ['b']")?;
    without.leave_out("trees");
    assert_eq!(
        names(&without, 0)?,
        ["histogram", "single-feature", "near", "both", "forest"]
    );
    Ok(())
}

#[test]
fn a_wrong_study_is_refused_with_its_name_and_the_reason() {
    for (more, expected) in [
        (
            "",
            "study \"one\": it needs data sets to test on, or a split",
        ),
        ("test = ['c']", "study \"one\": there is no data set \"c\""),
        ("test = ['a']", "names the data set \"a\" twice"),
        ("test = ['usual']", "have no features in common"),
        (
            "test = ['b']\nsplit.folds = { folds = 2 }",
            "which of them?",
        ),
        ("split.folds = { folds = 1 }", "two folds at least"),
        ("split.folds = { parts = 2 }", "unknown field `parts`"),
        ("split.halves = {}", "unknown variant `halves`"),
        ("split.stratified = { train = 1.0 }", "between 0 and 1"),
        ("split.time = { train = 0.5 }", "`time` names their column"),
        (
            "split.group = { by = 'host', train = 0.5 }",
            "`host` names their column",
        ),
        (
            "split.group = { by = 'conversation', train = 0.5 }",
            "tell no conversations",
        ),
        (
            "split.folds = { folds = 2 }\nheld_out = 0.5",
            "need data sets to test on",
        ),
        (
            "test = ['b']\nheld_out = 1.0",
            "the shares from 0 to below 1",
        ),
        (
            "test = ['b']\nduplicates = 'drop'",
            "only where a split parts",
        ),
        ("test = ['b']\nattacks = 'of-other-tests'", "no other tests"),
        (
            "test = ['b']\nunit = 'conversation'",
            "tell no conversations",
        ),
        ("test = ['b']\nrates = [0.0]", "rates between 0 and 1"),
        ("test = ['b']\ncontamination = [1.0]", "shares from 0"),
        (
            "test = ['b']\ncontamination = [0.1]",
            "\"forest\" learns attacks by their labels",
        ),
        (
            "test = ['b']\nmodels = ['near', 'near']",
            "\"near\" stands there twice",
        ),
        (
            "test = ['b']\nmodels = ['far']",
            "study \"one\": there is no model \"far\", only near, ",
        ),
        (
            "test = ['b']\nmodels = ['kmeans']",
            "there is no model \"kmeans\"",
        ),
        ("test = ['b']\nfeatures = 'magic'", "magic"),
        (
            "test = ['b']\n[[study]]\nname = 'one'\ntrain = ['a']\ntest = ['b']",
            "the study \"one\" stands there twice",
        ),
        (
            "test = ['b']\n[[data]]\nname = 'a'\nfrom.table = { path = 'x' }",
            "the data set \"a\" stands there twice",
        ),
        (
            "test = ['b']\n[[data]]\nname = 'c'\nfrom.web = {}",
            "unknown variant `web`",
        ),
        (
            "test = ['b']\n[[data]]\nname = 'c'\nfrom.table = { path = 'x', sep = ';' }",
            "unknown field `sep`",
        ),
        (
            "test = ['b']\n[[data]]\nname = 'c'\nfrom.scenario = { name = 'magic' }",
            "there is no scenario `magic`",
        ),
        (
            "test = ['b']\n[[model]]\nname = 'near'\nfit.forest = {}",
            "the model \"near\" stands there twice",
        ),
        (
            "test = ['b']\n[[model]]\nname = 'f'\nfit.fusion = { of = ['near'] }",
            "needs two members",
        ),
        (
            "test = ['b']\n[[model]]\nname = 'f'\nfit.fusion = { of = ['near', 'forest'] }",
            "the member \"forest\", which is no model",
        ),
        (
            "test = ['b']\n[[model]]\nname = 'd'\nfit.detector = { model = 'magic' }",
            "there is no detector \"magic\"",
        ),
        (
            "test = ['b']\n[[model]]\nname = 'd'\nfit.detector = { model = 'kmeans' }",
            "scores flows, not tables",
        ),
    ] {
        let error = plan(more).map(|plan| plan.title).unwrap_err().to_string();
        assert!(error.contains(expected), "{more}: {error}");
    }
}

#[test]
fn what_is_unknown_is_refused_with_its_line() {
    for (from, to, line) in [
        ("title = 't'", "title = 't'\nsseeds = [1]", "line 2"),
        ("title = 't'", "title = 't'\nmetrics = ['auc']", "line 2"),
        ("train = ['a']", "train = ['a']\nhalves = 2", "line 32"),
        // Numbers that make no sense.
        ("title = 't'", "title = 't'\nrates = [0.01, 1.5]", "line 2"),
        ("train = ['a']", "train = ['a']\nrates = [0.0]", "line 32"),
        ("train = ['a']", "train = ['a']\nheld_out = -0.5", "line 32"),
        (
            "train = ['a']",
            "train = ['a']\ncontamination = [1.0]",
            "line 32",
        ),
        (
            "train = ['a']",
            "train = ['a']\nsplit.folds = { folds = 1 }",
            "line 32",
        ),
        (
            "train = ['a']",
            "train = ['a']\nsplit.time = { train = 1.0 }",
            "line 32",
        ),
        (
            "fit.kmeans = {}",
            "fit.kmeans = { clusters = 0 }",
            "line 19",
        ),
        (
            "fit.isolation = {}",
            "fit.isolation = { trees = 0 }",
            "line 22",
        ),
        ("fit.forest = {}", "fit.forest = { trees = 0 }", "line 28"),
    ] {
        let error = Plan::parse(&PLAN.replace(from, to))
            .map(|plan| plan.title)
            .unwrap_err()
            .to_string();
        assert!(error.contains(line), "{to}: {error}");
    }
    for (head, expected) in [
        ("seeds = []", "a seed, a metric and a study"),
        ("seeds = [1, 2, 1]", "the seed 1 stands there twice"),
    ] {
        let text = PLAN.replace("title = 't'", &format!("title = 't'\n{head}"));
        let error = Plan::parse(&text)
            .map(|plan| plan.title)
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn an_autoencoder_needs_a_build_with_it() {
    for (model, is_needed) in [
        ("net", true),
        ("with", true),
        ("both", false),
        ("forest", false),
    ] {
        let net = "[[model]]\nname = 'net'\nfit.autoencoder = {}\n\
            [[model]]\nname = 'with'\nfit.fusion = { of = ['near', 'net'] }\n";
        let plan = plan(&format!("test = ['b']\nmodels = ['{model}']\n{net}"));
        let is_refused = is_needed && !cfg!(feature = "autoencoder");
        assert_eq!(plan.is_err(), is_refused, "{model}");
    }
}

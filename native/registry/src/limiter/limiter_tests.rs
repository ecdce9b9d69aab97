use super::super::rule::RuleDefinition;
use super::*;
use crate::limiter::attributes::Attributes;
use crate::limiter::test_vfs::TestVfs;

const SECOND: u64 = 1_000_000_000;

fn rule(json: &str) -> RuleDefinition {
    serde_json::from_str(json).expect("it is a rule")
}

fn limiter(rules: &[&str]) -> Limiter {
    let limiter = Limiter::open(&TestVfs::default().shared()).expect("an empty folder opens");
    for json in rules {
        limiter.create_rule(rule(json)).expect("it is a good rule");
    }
    limiter
}

fn client(pairs: &[&str]) -> ClientKeys {
    let pairs: Vec<String> = pairs.iter().map(|text| (*text).to_owned()).collect();
    ClientKeys::new(Attributes::of(&pairs).expect("they are attributes"))
}

fn check(limiter: &Limiter, keys: &mut ClientKeys, now_ns: u64) -> Option<Decision> {
    limiter.check(keys, Phase::All, Usage::default(), now_ns)
}

const TEN: &str =
    r#"{"id":"ten","key":"user","algorithm":"token_bucket","requests":10,"windowSecs":10}"#;

#[test]
fn clients_have_buckets_of_their_own_by_the_key() {
    let limiter = limiter(&[TEN]);
    let mut one = client(&["user", "one", "address", "10.0.0.1:1"]);
    let mut same = client(&["user", "one", "address", "10.0.0.2:2"]);
    let mut other = client(&["user", "other", "address", "10.0.0.1:1"]);
    for n in (0..10).rev() {
        let keys = if n % 2 == 0 { &mut one } else { &mut same };
        let decided = check(&limiter, keys, 0).expect("a rule is about it");
        assert_eq!(
            (decided.allowed, decided.remaining, decided.limit),
            (true, n, 10)
        );
    }
    let refused = check(&limiter, &mut same, 0).expect("a rule is about it");
    assert_eq!((refused.allowed, refused.retry_after_ms), (false, 1000));
    let error = limiter.refusal(&same, &refused).into_sql();
    assert_eq!(error.state, sqlstate::CONFIGURATION_LIMIT_EXCEEDED);
    assert_eq!(error.message, "rate limit exceeded; retry after 1000 ms");
    assert_eq!(
        error.detail.as_deref(),
        Some("rate limit \"ten\" allows 10.")
    );
    assert!(check(&limiter, &mut other, 0).is_some_and(|decided| decided.allowed));
}

#[test]
fn whom_no_rule_is_about_is_told_nothing() {
    let limiter = limiter(&[
        r#"{"id":"a","key":"address","algorithm":"fixed_window","requests":1,"windowSecs":1,
            "match":{"protocol":"rest","route":["/query","/tables/*"],"address":"10.0.0.0/8"}}"#,
    ]);
    let keys = |protocol, route, address| {
        let pairs = ["protocol", protocol, "route", route, "address", address];
        check(&limiter, &mut client(&pairs), 0).is_some()
    };
    assert!(keys("rest", "/query", "10.1.1.1"));
    assert!(keys("rest", "/tables/{name}", "10.1.1.1"));
    assert!(!keys("postgresql", "/query", "10.1.1.1"));
    assert!(!keys("rest", "/batch", "10.1.1.1"));
    assert!(!keys("rest", "/query", "11.1.1.1"));
}

#[test]
fn what_one_rule_refuses_costs_nothing_of_another() {
    let limiter = limiter(&[
        TEN,
        r#"{"id":"two","key":"global","algorithm":"token_bucket","requests":2,"windowSecs":60}"#,
    ]);
    let mut keys = client(&["user", "one"]);
    for _ in 0..20 {
        check(&limiter, &mut keys, 0);
    }
    let left: Vec<_> = limiter
        .peek(&mut keys, 0)
        .iter()
        .map(|one| one.remaining)
        .collect();
    // The rule that needs no principal stands first.
    assert_eq!(left, [0, 8]);
}

#[test]
fn rules_that_need_no_principal_are_asked_before_there_is_one() {
    let limiter = limiter(&[
        TEN,
        r#"{"id":"one","key":"address","algorithm":"token_bucket","requests":1,"windowSecs":60}"#,
    ]);
    let mut keys = client(&["user", "one", "address", "::1"]);
    let mut allowed = |phase| {
        let decided = limiter.check(&mut keys, phase, Usage::default(), 0);
        decided.map(|decided| decided.allowed)
    };
    assert_eq!(allowed(Phase::Early), Some(true));
    assert_eq!(allowed(Phase::Early), Some(false));
    assert_eq!(allowed(Phase::Late), Some(true));
}

#[test]
fn a_client_is_whom_it_has_proved_to_be_else_its_address() {
    let limiter = limiter(&[
        r#"{"id":"c","key":"client","algorithm":"token_bucket","requests":1,"windowSecs":60}"#,
    ]);
    let allowed = |pairs: &[&str]| {
        check(&limiter, &mut client(pairs), 0).is_some_and(|decided| decided.allowed)
    };
    assert!(allowed(&["user", "rustydb", "address", "10.0.0.1:1"]));
    assert!(!allowed(&["user", "other", "address", "10.0.0.1:2"]));
    assert!(allowed(&["user", "rustydb", "address", "10.0.0.2:1"]));
    assert!(allowed(&[
        "user",
        "rustydb",
        "proved",
        "true",
        "address",
        "10.0.0.2:1"
    ]));
    assert!(!allowed(&[
        "user",
        "rustydb",
        "proved",
        "true",
        "address",
        "10.0.0.3:1"
    ]));
}

#[test]
fn what_was_measured_is_charged_afterwards() {
    let limiter = limiter(&[
        r#"{"id":"rows","key":"user","algorithm":"token_bucket","requests":100,"windowSecs":10,
            "cost":"rows"}"#,
    ]);
    let mut keys = client(&["user", "one"]);
    let usage = |rows| Usage {
        rows,
        ..Usage::default()
    };
    let mut run = |thought, used, now_ns| {
        let decided = limiter.check(&mut keys, Phase::All, usage(thought), now_ns);
        let allowed = decided.is_some_and(|decided| decided.allowed);
        if allowed {
            limiter.settle(&mut keys, usage(thought), usage(used), now_ns);
        }
        (allowed, limiter.peek(&mut keys, now_ns)[0].remaining)
    };
    assert_eq!(run(50, 20, 0), (true, 80));
    assert_eq!(run(0, 180, 0), (true, 0));
    assert_eq!(run(0, 1, 0), (false, 0));
    // 100 rows of debt take 10 s.
    assert_eq!(run(0, 1, 10 * SECOND), (false, 0));
    assert_eq!(run(0, 1, 11 * SECOND), (true, 9));
}

#[test]
fn only_what_was_measured_needs_to_be_told() {
    let settles = |change: &str| {
        let limiter = limiter(&[&TEN.replace(r#""windowSecs":10"#, change)]);
        let mut keys = client(&["user", "one"]);
        check(&limiter, &mut keys, 0);
        keys.settles()
    };
    assert!(!settles(r#""windowSecs":10,"cost":5"#));
    assert!(settles(r#""windowSecs":10,"cost":"bytes""#));
    let limiter = limiter(&[&TEN.replace("token_bucket", "adaptive")]);
    let mut keys = client(&["user", "one"]);
    check(&limiter, &mut keys, 0);
    assert!(keys.settles());
}

#[test]
fn rules_change_at_once_for_all_and_are_kept() {
    let vfs = TestVfs::default();
    let limiter = Limiter::open(&vfs.shared()).expect("an empty folder opens");
    let mut keys = client(&["user", "one"]);
    assert_eq!(check(&limiter, &mut keys, 0), None);
    limiter.create_rule(rule(TEN)).expect("it is new");
    assert_eq!(
        check(&limiter, &mut keys, 0).map(|one| one.remaining),
        Some(9)
    );
    let state = |result: Result<()>| result.expect_err("it is refused").into_sql().state;
    assert_eq!(
        state(limiter.create_rule(rule(TEN))),
        sqlstate::DUPLICATE_OBJECT
    );
    let more = RuleDefinition {
        requests: 20,
        ..rule(TEN)
    };
    limiter.replace_rule(more.clone()).expect("it is there");
    // The bucket is larger now, and keeps what was taken of it: half a window's tenth.
    assert_eq!(
        check(&limiter, &mut keys, 0).map(|one| one.remaining),
        Some(17)
    );
    let again = Limiter::open(&vfs.shared()).expect("what was written is read");
    assert_eq!(again.rules().rules[0].definition, more);
    limiter.drop_rule("ten").expect("it is there");
    assert_eq!(check(&limiter, &mut keys, 0), None);
    assert_eq!(state(limiter.drop_rule("ten")), sqlstate::UNDEFINED_OBJECT);
    assert!(Limiter::open(&vfs.shared()).is_ok_and(|it| it.rules().rules.is_empty()));
}

#[test]
fn what_is_configured_changes_with_the_configuration_alone() {
    let limiter = limiter(&[]);
    let configured = || vec![rule(TEN)];
    limiter
        .configure(configured(), 5, true)
        .expect("it is a good rule");
    let mut keys = client(&["user", "one"]);
    assert!(check(&limiter, &mut keys, 0).is_some());
    assert_eq!(limiter.statistics().clients_max, 5);
    let error = limiter
        .drop_rule("ten")
        .expect_err("it is not ours")
        .into_sql();
    assert_eq!(
        error.message,
        "rate limit \"ten\" follows from the configuration"
    );
    limiter
        .configure(configured(), 5, false)
        .expect("it is a good rule");
    assert_eq!(check(&limiter, &mut keys, 0), None);
}

#[test]
fn what_is_wrong_with_a_rule_is_told_with_its_place() {
    let limiter = limiter(&[]);
    for (change, place) in [
        (r#""key":"usr""#, "key: \"usr\" is none of client"),
        (r#""key":"user + claim.""#, "key: \"claim.\" is none of"),
        (
            r#""algorithm":"bucket""#,
            "algorithm: \"bucket\" is none of token_bucket, ",
        ),
        (r#""requests":0"#, "requests: 0 is not within 1 and"),
        (
            r#""windowSecs":99999999999"#,
            "windowSecs: 99999999999 is not",
        ),
        (r#""cost":"seconds""#, "cost: a number of units"),
        (
            r#""match":{"rout":"/x"}"#,
            "match.rout: \"rout\" is none of",
        ),
        (r#""match":{"route":7}"#, "match.route: a pattern is a text"),
        (
            r#""match":{"address":"x"}"#,
            "match.address: \"x\" is no address",
        ),
        (r#""id":"a b""#, "id: 1 to 64 letters"),
    ] {
        let mut all = serde_json::from_str::<serde_json::Value>(TEN).expect("it is JSON");
        let change: serde_json::Value =
            serde_json::from_str(&format!("{{{change}}}")).expect("it is JSON");
        for (name, value) in change.as_object().expect("it is an object") {
            all[name] = value.clone();
        }
        let error = limiter
            .create_rule(rule(&all.to_string()))
            .expect_err("it is wrong");
        let error = error.into_sql();
        assert_eq!(error.state, sqlstate::INVALID_PARAMETER_VALUE);
        assert!(error.message.starts_with(place), "{}", error.message);
    }
    let window = TEN.replace("token_bucket", "fixed_window");
    let burst = rule(&window.replace("}", r#","burst":3}"#));
    let error = limiter
        .create_rule(burst)
        .expect_err("a window has no burst")
        .into_sql();
    assert_eq!(
        error.message,
        "burst: only token_bucket, leaky_bucket and adaptive have one"
    );
}

#[test]
fn quotas_count_beside_rules() {
    let limiter = limiter(&[TEN]);
    let json = r#"{"id":"daily","key":"user","period":"day","limit":3}"#;
    limiter
        .create_quota(serde_json::from_str(json).expect("it is a quota"))
        .expect("it is a good one");
    let mut keys = client(&["user", "one"]);
    for left in [2, 1, 0] {
        let decided = check(&limiter, &mut keys, 0).expect("a quota is about it");
        assert_eq!(
            (decided.allowed, decided.remaining, decided.limit),
            (true, left, 3)
        );
    }
    let refused = check(&limiter, &mut keys, 0).expect("a quota is about it");
    assert!(!refused.allowed && refused.retry_after_ms > 0);
    assert_eq!(limiter.name_of(&keys, refused.place), "quota \"daily\"");
    // The rule got back what the quota refused.
    assert_eq!(limiter.peek(&mut keys, 0)[0].remaining, 7);
    limiter.drop_quota("daily").expect("it is there");
    assert!(check(&limiter, &mut keys, 0).is_some_and(|decided| decided.allowed));
}

/// 32 threads take as fast as they can, time standing still: exactly the burst is given.
#[test]
fn many_threads_get_exactly_what_there_is() {
    let limiter = Arc::new(limiter(&[
        r#"{"id":"a","key":"user","algorithm":"token_bucket","requests":10000,"windowSecs":1}"#,
        r#"{"id":"b","key":"address","algorithm":"sliding_window","requests":20000,"windowSecs":1}"#,
    ]));
    let threads: Vec<_> = (0..32)
        .map(|_| {
            let limiter = limiter.clone();
            std::thread::spawn(move || {
                let mut keys = client(&["user", "one"]);
                let tries = (0..1_000).filter(|_| {
                    check(&limiter, &mut keys, 7).is_some_and(|decided| decided.allowed)
                });
                tries.count()
            })
        })
        .collect();
    let given: usize = (threads.into_iter())
        .map(|thread| thread.join().expect("it does not panic"))
        .sum();
    assert_eq!(given, 10_000);
    assert_eq!(limiter.statistics().denied, 22_000);
}

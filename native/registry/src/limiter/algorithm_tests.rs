use super::*;

const SECOND: u64 = 1_000_000_000;

fn terms(algorithm: Algorithm, limit: u64, window_secs: u64, burst: Option<u64>) -> Terms {
    Terms::new(algorithm, limit, window_secs, burst)
}

/// How many of those who come every `every_ns` get one.
fn allowed(terms: &Terms, from: u64, to: u64, every_ns: u64) -> u64 {
    let mut state = State::default();
    let moments = (from..to).step_by(every_ns as usize);
    moments
        .filter(|now| terms.take(&mut state, 1, *now, SLOWNESS_ONE).allowed)
        .count() as u64
}

#[test]
fn a_token_bucket_gives_its_burst_at_once_and_then_its_rate() {
    let terms = terms(Algorithm::TokenBucket, 100, 1, Some(120));
    let mut state = State::default();
    for n in 0..120 {
        let taken = terms.take(&mut state, 1, 5, SLOWNESS_ONE);
        assert_eq!((taken.allowed, taken.remaining), (true, 119 - n));
    }
    let refused = terms.take(&mut state, 1, 5, SLOWNESS_ONE);
    assert_eq!(
        refused,
        Taken {
            allowed: false,
            remaining: 0,
            reset_ns: 1_200_000_000,
            retry_ns: 10_000_000
        }
    );
    assert!(
        !terms
            .take(&mut state, 1, 5 + 9_999_999, SLOWNESS_ONE)
            .allowed
    );
    assert!(
        terms
            .take(&mut state, 1, 5 + 10_000_000, SLOWNESS_ONE)
            .allowed
    );
    assert_eq!(terms.fresh_at(&state), 5 + 1_210_000_000);
}

#[test]
fn a_leaky_bucket_gives_one_at_a_time() {
    let terms = terms(Algorithm::LeakyBucket, 10, 1, None);
    assert_eq!(allowed(&terms, 0, SECOND, SECOND / 1000), 10);
    let mut state = State::default();
    assert!(terms.take(&mut state, 1, 0, SLOWNESS_ONE).allowed);
    assert!(!terms.take(&mut state, 1, 99_999_999, SLOWNESS_ONE).allowed);
    assert!(terms.take(&mut state, 1, 100_000_000, SLOWNESS_ONE).allowed);
}

#[test]
fn rates_that_divide_no_nanosecond_are_held() {
    // 300 million a second are 3.33 ns each.
    let terms = terms(Algorithm::TokenBucket, 300_000_000, 1, Some(10));
    assert!(allowed(&terms, 0, 10_000, 1).abs_diff(3_010) <= 1);
}

#[test]
fn a_fixed_window_begins_with_the_first_and_gives_all_back_at_its_end() {
    let terms = terms(Algorithm::FixedWindow, 3, 10, None);
    let mut state = State::default();
    for _ in 0..3 {
        assert!(terms.take(&mut state, 1, 7, SLOWNESS_ONE).allowed);
    }
    let refused = terms.take(&mut state, 1, 7 + SECOND, SLOWNESS_ONE);
    assert_eq!((refused.allowed, refused.retry_ns), (false, 9 * SECOND));
    assert_eq!(
        terms
            .take(&mut state, 1, 7 + 10 * SECOND, SLOWNESS_ONE)
            .remaining,
        2
    );
}

#[test]
fn a_sliding_window_holds_its_rate_over_any_window() {
    let terms = terms(Algorithm::SlidingWindow, 1000, 1, None);
    let total = allowed(&terms, 0, 20 * SECOND, SECOND / 10_000);
    assert!(total.abs_diff(20_000) <= 200, "{total}");
    // Where a fixed window lets twice as many in around its end, this one does not.
    let mut state = State::default();
    let late = 900_000_000;
    assert!(terms.take(&mut state, 1, 0, SLOWNESS_ONE).allowed);
    for _ in 1..1000 {
        assert!(terms.take(&mut state, 1, late, SLOWNESS_ONE).allowed);
    }
    let refused = terms.take(&mut state, 1, SECOND + 1, SLOWNESS_ONE);
    assert!(!refused.allowed);
    assert!(
        terms
            .take(&mut state, 1, SECOND + 1 + refused.retry_ns, SLOWNESS_ONE)
            .allowed
    );
}

#[test]
fn what_costs_more_than_all_is_let_in_once_and_goes_into_debt() {
    for algorithm in Algorithm::ALL.map(|(_, algorithm)| algorithm) {
        let terms = terms(algorithm, 10, 1, algorithm.is_bucket().then_some(10));
        let mut state = State::default();
        assert!(
            terms.take(&mut state, 25, 0, SLOWNESS_ONE).allowed,
            "{algorithm:?}"
        );
        let refused = terms.take(&mut state, 0, 1, SLOWNESS_ONE);
        assert_eq!(
            (refused.allowed, refused.remaining),
            (false, 0),
            "{algorithm:?}"
        );
    }
}

#[test]
fn what_is_given_back_may_be_taken_again() {
    for algorithm in Algorithm::ALL.map(|(_, algorithm)| algorithm) {
        let terms = terms(algorithm, 10, 1, algorithm.is_bucket().then_some(10));
        let mut state = State::default();
        assert!(terms.take(&mut state, 10, 0, SLOWNESS_ONE).allowed);
        assert!(!terms.take(&mut state, 1, 0, SLOWNESS_ONE).allowed);
        terms.refund(&mut state, 4, SLOWNESS_ONE);
        assert_eq!(
            terms.take(&mut state, 1, 0, SLOWNESS_ONE).remaining,
            3,
            "{algorithm:?}"
        );
        terms.charge(&mut state, 3, 0, SLOWNESS_ONE);
        assert!(
            !terms.take(&mut state, 1, 0, SLOWNESS_ONE).allowed,
            "{algorithm:?}"
        );
    }
}

#[test]
fn a_fresh_state_answers_as_a_new_one() {
    for algorithm in Algorithm::ALL.map(|(_, algorithm)| algorithm) {
        let terms = terms(algorithm, 10, 1, None);
        let mut state = State::default();
        for n in 0..7 {
            terms.take(&mut state, 1, n * SECOND / 3, SLOWNESS_ONE);
        }
        let later = terms.fresh_at(&state) + 1;
        let mut other = State::default();
        assert_eq!(
            terms.take(&mut state, 1, later, SLOWNESS_ONE),
            terms.take(&mut other, 1, later, SLOWNESS_ONE),
            "{algorithm:?}"
        );
    }
}

#[test]
fn an_adaptive_bucket_slows_down() {
    let terms = terms(Algorithm::Adaptive, 100, 1, Some(1));
    let mut state = State::default();
    assert!(terms.take(&mut state, 1, 0, 2 * SLOWNESS_ONE).allowed);
    let refused = terms.take(&mut state, 1, 0, 2 * SLOWNESS_ONE);
    assert_eq!(refused.retry_ns, 20_000_000);
}

proptest::proptest! {
    /// Whatever the steps: no panic, and no bucket or fixed window gives more than it may.
    #[test]
    fn no_more_is_given_than_may_be(
        which in 0usize..5, limit in 1u64..50, window in 1u64..5, burst in 1u64..80,
        steps in proptest::collection::vec((0u64..2_000_000_000, 0u64..4), 1..200),
    ) {
        let algorithm = Algorithm::ALL[which].1;
        let terms = Terms::new(algorithm, limit, window, Some(burst));
        let mut state = State::default();
        let (mut now, mut given) = (0, 0);
        for (passed, cost) in steps {
            now += passed;
            let cost = cost.min(terms.burst);
            if terms.take(&mut state, cost, now, SLOWNESS_ONE).allowed {
                given += cost;
            }
        }
        let windows = now / terms.window_ns + 1;
        let most = match algorithm {
            Algorithm::FixedWindow => windows * limit,
            Algorithm::SlidingWindow => (windows + 1) * limit,
            _ => terms.burst + limit * now / terms.window_ns + 1,
        };
        proptest::prop_assert!(given <= most, "{given} of {most}");
    }
}

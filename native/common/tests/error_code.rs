//! The generated catalogue: numbers are unique, and a SQLSTATE finds its own code or its class's.

use common::{ErrorCode, SqlState, sqlstate};

#[test]
fn numbers_count_up_from_one() {
    for (index, code) in ErrorCode::ALL.iter().enumerate() {
        assert_eq!(usize::from(code.number()), index + 1, "{}", code.name());
    }
}

#[test]
fn a_state_has_its_own_code_or_that_of_its_class() {
    assert_eq!(
        ErrorCode::of(sqlstate::UNIQUE_VIOLATION),
        ErrorCode::ConstraintViolation
    );
    assert_eq!(
        ErrorCode::of(sqlstate::DEADLOCK_DETECTED),
        ErrorCode::DeadlockDetected
    );
    assert_eq!(
        ErrorCode::of(sqlstate::SERIALIZATION_FAILURE),
        ErrorCode::SerializationFailure
    );
    assert_eq!(ErrorCode::of(SqlState(*b"22ZZZ")), ErrorCode::DataException);
    assert_eq!(ErrorCode::of(SqlState(*b"ZZZZZ")), ErrorCode::InternalError);
}

#[test]
fn a_full_disk_has_its_own_http_status() {
    assert_eq!(
        ErrorCode::of(sqlstate::DISK_FULL),
        ErrorCode::ResourceExhausted
    );
    assert_eq!(ErrorCode::http_status_of(sqlstate::DISK_FULL), 507);
    assert_eq!(ErrorCode::http_status_of(sqlstate::SYNTAX_ERROR), 400);
}

#[test]
fn the_default_state_is_a_failure() {
    for code in ErrorCode::ALL {
        assert!(
            !code.sql_state().as_str().starts_with("00"),
            "{}",
            code.name()
        );
    }
}

//! Key bytes order as values do, equal values hash equal, stored forms survive the binary form.

#![allow(clippy::unwrap_used, reason = "a test ends at any error")]

use std::cmp::Ordering;

use proptest::prelude::*;
use types::{
    Datum, Interval, Numeric, SqlType, TextContext, TimeTz, TypeOid, compare, decode_key,
    encode_key, format_text, hash, key_gives_value, key_value_size, parse_text, recv_binary,
    send_binary,
};

fn numeric() -> impl Strategy<Value = Datum> {
    let small =
        (any::<i64>(), 0u16..12).prop_map(|(coef, scale)| Numeric::from_i128(coef.into(), scale));
    let few = (-50i128..50, 0u16..4).prop_map(|(coef, scale)| Numeric::from_i128(coef, scale));
    let text = "-?[0-9]{1,60}(\\.[0-9]{1,20})?".prop_map(|text| text.parse().unwrap());
    let special = prop_oneof![
        Just(Numeric::NaN),
        Just(Numeric::PosInf),
        Just(Numeric::NegInf),
        Just(Numeric::ZERO)
    ];
    prop_oneof![small, few, text, special]
        .prop_map(|number: Numeric| Datum::Bytes(number.to_bytes().into()))
}

fn json() -> impl Strategy<Value = Datum> {
    let leaf = prop_oneof![
        Just("null".to_string()),
        Just("true".to_string()),
        Just("false".to_string()),
        (-20..20).prop_map(|n: i32| n.to_string()),
        "\"[a-c]{0,3}\"",
        "[0-9]{1,3}\\.[0-9]{1,2}".prop_map(|text| format!("1{text}")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(("[a-c]{0,2}", inner), 0..3).prop_map(|pairs| {
                let pairs: Vec<String> = pairs
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", pairs.join(","))
            }),
        ]
    })
    .prop_map(|text| parse_text(TypeOid::JSONB.into(), &text, &TextContext::default()).unwrap())
}

fn array_of(oid: TypeOid, text: &str) -> Datum {
    parse_text(oid.into(), text, &TextContext::default()).unwrap()
}

/// A type and values of it, some of them near each other.
fn values(oid: TypeOid) -> BoxedStrategy<Datum> {
    match oid {
        TypeOid::BOOL => any::<bool>().prop_map(Datum::Bool).boxed(),
        TypeOid::INT2 => any::<i16>().prop_map(Datum::I16).boxed(),
        TypeOid::INT4 | TypeOid::OID | TypeOid::DATE => any::<i32>().prop_map(Datum::I32).boxed(),
        TypeOid::INT8 => any::<i64>().prop_map(Datum::I64).boxed(),
        TypeOid::FLOAT4 => any::<f32>().prop_map(Datum::F32).boxed(),
        TypeOid::FLOAT8 => {
            let all = prop_oneof![any::<f64>(), Just(f64::NAN), Just(-0.0), Just(0.0)];
            all.prop_map(Datum::F64).boxed()
        }
        TypeOid::UUID => any::<[u8; 16]>().prop_map(Datum::Fixed16).boxed(),
        TypeOid::INTERVAL => (-3i32..3, -40i32..40, any::<i64>())
            .prop_map(|(months, days, us)| {
                Datum::Fixed16(Interval::new(months, days, us % 10_000_000_000_000).to_bytes())
            })
            .boxed(),
        TypeOid::TIMETZ => (0i64..86_400_000_000, -50_000i32..50_000)
            .prop_map(|(us, zone_s)| Datum::Fixed16(TimeTz { us, zone_s }.to_bytes()))
            .boxed(),
        TypeOid::NUMERIC => numeric().boxed(),
        TypeOid::JSONB => json().boxed(),
        TypeOid::BPCHAR => "[ab ]{0,4}".prop_map(|text| Datum::text(&text)).boxed(),
        TypeOid::INT4_ARRAY => prop::collection::vec(prop::option::of(-2..3), 0..4)
            .prop_map(|elements| {
                let elements: Vec<String> = elements
                    .iter()
                    .map(|element| element.map_or("NULL".into(), |n: i32| n.to_string()))
                    .collect();
                array_of(TypeOid::INT4_ARRAY, &format!("{{{}}}", elements.join(",")))
            })
            .boxed(),
        _ => prop::collection::vec(prop_oneof![Just(0u8), Just(255), any::<u8>()], 0..6)
            .prop_map(|bytes| Datum::Bytes(bytes.into()))
            .boxed(),
    }
}

const TYPES: &[TypeOid] = &[
    TypeOid::BOOL,
    TypeOid::INT2,
    TypeOid::INT4,
    TypeOid::OID,
    TypeOid::INT8,
    TypeOid::FLOAT4,
    TypeOid::FLOAT8,
    TypeOid::UUID,
    TypeOid::INTERVAL,
    TypeOid::TIMETZ,
    TypeOid::NUMERIC,
    TypeOid::JSONB,
    TypeOid::BPCHAR,
    TypeOid::INT4_ARRAY,
    TypeOid::BYTEA,
];

fn key(oid: TypeOid, value: &Datum, desc: bool, nulls_first: bool) -> Vec<u8> {
    let mut out = Vec::new();
    encode_key(oid, value.as_ref(), desc, nulls_first, &mut out).unwrap();
    out
}

fn typed_pair() -> impl Strategy<Value = (TypeOid, Datum, Datum)> {
    prop::sample::select(TYPES).prop_flat_map(|oid| (Just(oid), values(oid), values(oid)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn keys_order_as_values((oid, a, b) in typed_pair()) {
        let order = compare(oid, a.as_ref(), b.as_ref());
        prop_assert_eq!(key(oid, &a, false, false).cmp(&key(oid, &b, false, false)), order);
        prop_assert_eq!(key(oid, &a, true, true).cmp(&key(oid, &b, true, true)), order.reverse());
        if order == Ordering::Equal {
            prop_assert_eq!(hash(oid, a.as_ref()), hash(oid, b.as_ref()));
        }
        let null = key(oid, &Datum::Null, false, false);
        prop_assert!(null > key(oid, &a, false, false));
        prop_assert!(key(oid, &Datum::Null, true, true) < key(oid, &a, true, true));
    }

    #[test]
    fn keys_end_themselves((oid, a, b) in typed_pair(), desc: bool) {
        let mut both = key(oid, &a, desc, false);
        let size = both.len();
        both.extend(key(oid, &b, desc, false));
        prop_assert_eq!(key_value_size(oid, desc, &both).unwrap(), size);
        if key_gives_value(oid) {
            let mut rest = both.as_slice();
            prop_assert_eq!(decode_key(oid, desc, &mut rest).unwrap(), a);
            prop_assert_eq!(decode_key(oid, desc, &mut rest).unwrap(), b);
            prop_assert!(rest.is_empty());
        }
    }

    #[test]
    fn the_binary_form_gives_values_back((oid, a, _) in typed_pair()) {
        prop_assume!(!matches!(oid, TypeOid::DATE | TypeOid::BPCHAR));
        let mut sent = Vec::new();
        send_binary(oid.into(), a.as_ref(), &mut sent).unwrap();
        let received = recv_binary(oid.into(), &sent).unwrap();
        let show = |value: &Datum| {
            let mut out = Vec::new();
            format_text(SqlType::new(oid), value.as_ref(), &TextContext::default(), &mut out)
                .unwrap();
            String::from_utf8_lossy(&out).into_owned()
        };
        prop_assert_eq!(show(&received), show(&a));
    }

    #[test]
    fn short_binary_forms_are_refused((oid, a, _) in typed_pair(), cut in 0usize..12) {
        let mut sent = Vec::new();
        send_binary(oid.into(), a.as_ref(), &mut sent).unwrap();
        // Whatever comes out, nothing panics.
        drop(recv_binary(oid.into(), &sent[..cut.min(sent.len())]));
    }
}

//! What crosses for Redis, both ways in one buffer. All numbers are big-endian.
//!
//!   words     uint32 count | (uint32 length, bytes) …
//!   commands  words, one after the other
//!   reply     'n' | 'i' int64 | 't' uint32 length, bytes | 'l' uint32 count, replies

use redis::Value;

use crate::call::{Failure, Outcome};
use crate::redis_errors::of_server;

/// The words at the front of `rest`, which moves past them.
pub fn take_words(rest: &mut &[u8]) -> Outcome<Vec<Vec<u8>>> {
    let count = take_u32(rest)?;
    let mut words = Vec::new();
    for _ in 0..count {
        let length = take_u32(rest)? as usize;
        let (word, tail) = rest.split_at_checked(length).ok_or_else(cut_off)?;
        words.push(word.to_vec());
        *rest = tail;
    }
    Ok(words)
}

fn take_u32(rest: &mut &[u8]) -> Outcome<u32> {
    let (head, tail) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
    *rest = tail;
    Ok(u32::from_be_bytes(*head))
}

fn cut_off() -> Failure {
    Failure::internal("the words are cut off")
}

/// Appends a reply. An error anywhere in it is the error of the call.
pub fn put_reply(out: &mut Vec<u8>, value: Value) -> Outcome<()> {
    match value {
        Value::Nil => out.push(b'n'),
        Value::Int(number) => put_integer(out, number),
        Value::Boolean(is_true) => put_integer(out, is_true.into()),
        Value::BulkString(bytes) => put_text(out, &bytes),
        Value::SimpleString(text) => put_text(out, text.as_bytes()),
        Value::VerbatimString { text, .. } => put_text(out, text.as_bytes()),
        Value::Okay => put_text(out, b"OK"),
        Value::Double(number) => put_text(out, number.to_string().as_bytes()),
        Value::BigNumber(digits) => put_text(out, &digits),
        Value::Array(values) | Value::Set(values) | Value::Push { data: values, .. } => {
            put_list(out, values)?;
        }
        Value::Map(pairs) => {
            put_list(out, pairs.into_iter().flat_map(|(key, value)| [key, value]).collect())?;
        }
        Value::Attribute { data, .. } => put_reply(out, *data)?,
        Value::ServerError(error) => return Err(of_server(error.code(), error.details())),
        other => return Err(Failure::internal(format!("a reply of an unknown kind: {other:?}"))),
    }
    Ok(())
}

fn put_integer(out: &mut Vec<u8>, number: i64) {
    out.push(b'i');
    out.extend_from_slice(&number.to_be_bytes());
}

fn put_text(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b't');
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn put_list(out: &mut Vec<u8>, values: Vec<Value>) -> Outcome<()> {
    out.push(b'l');
    out.extend_from_slice(&(values.len() as u32).to_be_bytes());
    values.into_iter().try_for_each(|value| put_reply(out, value))
}

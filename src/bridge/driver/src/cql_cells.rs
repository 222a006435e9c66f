//! Values and rows in CQL's own form, `int32 length | bytes` (-1: null, -2: unset), copied and never
//! converted.

use std::fmt;

use scylla::deserialize::row::ColumnIterator;
use scylla::errors::SerializationError;
use scylla::response::query_result::QueryResult;
use scylla::serialize::row::{RowSerializationContext, SerializeRow};
use scylla::serialize::writers::RowWriter;

use crate::call::{Failure, Outcome, Part};

const NULL: i32 = -1;
const UNSET: i32 = -2;

pub struct Values(pub Vec<u8>);

#[derive(Debug)]
struct BadValues(&'static str);

impl fmt::Display for BadValues {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for BadValues {}

fn bad(why: &'static str) -> SerializationError {
    SerializationError::new(BadValues(why))
}

impl SerializeRow for Values {
    fn serialize(
        &self,
        context: &RowSerializationContext<'_>,
        writer: &mut RowWriter,
    ) -> Result<(), SerializationError> {
        let mut rest = self.0.as_slice();
        let mut count = 0;
        while let Some((head, tail)) = rest.split_first_chunk::<4>() {
            let cell = writer.make_cell_writer();
            count += 1;
            rest = tail;
            match i32::from_be_bytes(*head) {
                NULL => {
                    cell.set_null();
                }
                UNSET => {
                    cell.set_unset();
                }
                length => {
                    let length = usize::try_from(length).map_err(|_| bad("a negative length"))?;
                    let (value, tail) =
                        rest.split_at_checked(length).ok_or_else(|| bad("a value is cut off"))?;
                    cell.set_value(value).map_err(|_| bad("a value is too long"))?;
                    rest = tail;
                }
            }
        }
        if count != context.columns().len() {
            return Err(bad("not as many values as the statement has markers"));
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub fn to_part(result: QueryResult, next_page: Vec<u8>) -> Outcome<Part> {
    if !result.is_rows() {
        return Ok(Part::default());
    }
    let unreadable = |why: String| Failure::internal(format!("unreadable rows: {why}"));
    let rows = result.into_rows_result().map_err(|why| unreadable(why.to_string()))?;
    let mut part = Part {
        cells: Vec::with_capacity(rows.rows_bytes_size()),
        width: rows.column_specs().len() as u32,
        rows: rows.rows_num() as u32,
        next_page,
    };
    for row in rows.rows::<ColumnIterator>().map_err(|why| unreadable(why.to_string()))? {
        for column in row.map_err(|why| unreadable(why.to_string()))? {
            match column.map_err(|why| unreadable(why.to_string()))?.slice {
                None => part.cells.extend_from_slice(&NULL.to_be_bytes()),
                Some(value) => {
                    let value = value.as_slice();
                    part.cells.extend_from_slice(&(value.len() as i32).to_be_bytes());
                    part.cells.extend_from_slice(value);
                }
            }
        }
    }
    Ok(part)
}

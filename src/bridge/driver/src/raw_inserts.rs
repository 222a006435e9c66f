//! The yardstick of bench/cql.cpp: the driver alone, in one process with what it is compared to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use cxx::UniquePtr;
use futures_util::future::join_all;

use crate::call::{Failure, Part};
use crate::cql::{CqlDriver, Open};
use crate::cql_errors::of_execution;
use crate::ffi::DriverCall;

const WITHIN_US: u64 = 600_000_000;

impl CqlDriver {
    /// `in_flight` tasks insert one after the other until `count` rows were inserted.
    pub fn raw_inserts(
        &self,
        statement: u32,
        count: u64,
        in_flight: u32,
        blob_bytes: u32,
        call: UniquePtr<DriverCall>,
    ) {
        self.begin(WITHIN_US, call, async move |open: Arc<Open>| {
            let statement = open.statement(statement)?;
            let next = Arc::new(AtomicU64::new(0));
            let blob = Arc::new(vec![7u8; blob_bytes as usize]);
            let began = Instant::now();
            let tasks = (0..in_flight).map(|_| {
                let (open, statement) = (open.clone(), statement.clone());
                let (next, blob) = (next.clone(), blob.clone());
                tokio::spawn(async move {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return Ok(());
                        }
                        let key = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) as i64;
                        open.session
                            .execute_unpaged(&statement, (key, blob.as_slice()))
                            .await
                            .map_err(of_execution)?;
                    }
                })
            });
            for ended in join_all(tasks).await {
                ended.map_err(|why| Failure::internal(why.to_string()))??;
            }
            let took_us = began.elapsed().as_micros() as u64;
            Ok(vec![Part { cells: took_us.to_be_bytes().to_vec(), ..Part::default() }])
        });
    }
}

//! The drivers that C++ has no maintained one for, behind one narrow door: CQL by `scylla`, Redis by
//! `redis`. It moves bytes and keeps deadlines; it knows no rule of the chat.
//!
//! Every call is given a `DriverCall`, which is answered exactly once: by `finish`, or, when a task
//! is lost to a panic, by the destructor of the C++ object.

mod call;
mod cql;
mod cql_cells;
mod cql_errors;
mod raw_inserts;
mod redis_driver;
mod redis_errors;
mod redis_link;
mod redis_subscriber;
mod redis_words;
mod runtime;

use cql::{CqlDriver, cql_driver};
use redis_driver::{RedisDriver, redis_driver};

#[cxx::bridge(namespace = "tidings::driver")]
mod ffi {
    struct CqlConfig {
        contact_points: Vec<String>,
        local_datacenter: String,
        local_rack: String,
        keyspace: String,
        user: String,
        password: String,
    }

    struct StatementTraits {
        consistency: u8, // CqlConsistency
        idempotent: bool,
        speculative: bool,
    }

    struct Bound {
        statement: u32,
        values: Vec<u8>,
    }

    struct RedisConfig {
        servers: Vec<String>,
        is_cluster: bool,
        password: String,
    }

    unsafe extern "C++" {
        include!("bridge/driver_call.h");

        #[namespace = "tidings"]
        type DriverCall;
        fn add_part(
            self: Pin<&mut DriverCall>,
            cells: &[u8],
            width: u32,
            rows: u32,
            next_page: &[u8],
        );
        fn succeed(self: Pin<&mut DriverCall>);
        fn unavailable(self: Pin<&mut DriverCall>, detail: &[u8]);
        fn internal(self: Pin<&mut DriverCall>, detail: &[u8]);

        #[namespace = "tidings"]
        type DriverListener;
        fn heard(self: &DriverListener, channel: &[u8]);

        #[namespace = "tidings"]
        fn driver_thread_started();
    }

    extern "Rust" {

        type CqlDriver;
        fn cql_driver(config: CqlConfig) -> Box<CqlDriver>;
        fn connect(self: &CqlDriver, within_us: u64, call: UniquePtr<DriverCall>);
        // Answers with one cell, the number of the statement.
        fn prepare(
            self: &CqlDriver,
            text: &[u8],
            traits: StatementTraits,
            within_us: u64,
            call: UniquePtr<DriverCall>,
        );
        fn run(self: &CqlDriver, text: &[u8], within_us: u64, call: UniquePtr<DriverCall>);
        fn execute(
            self: &CqlDriver,
            statement: u32,
            values: &[u8],
            page_rows: i32,
            page: &[u8],
            within_us: u64,
            call: UniquePtr<DriverCall>,
        );
        fn execute_batch(
            self: &CqlDriver,
            statements: Vec<Bound>,
            within_us: u64,
            call: UniquePtr<DriverCall>,
        );
        fn execute_on_each_node(
            self: &CqlDriver,
            statement: u32,
            within_us: u64,
            call: UniquePtr<DriverCall>,
        );
        fn close(self: &CqlDriver);

        // For the benchmark: inserts of (bigint, blob) by the driver's own means. Answers with one
        // cell, the microseconds that they took.
        fn raw_inserts(
            self: &CqlDriver,
            statement: u32,
            count: u64,
            in_flight: u32,
            blob_bytes: u32,
            call: UniquePtr<DriverCall>,
        );

        type RedisDriver;
        fn redis_driver(config: RedisConfig) -> Box<RedisDriver>;
        // `words` and the answers' parts are drawn in redis_words.rs.
        fn run_script(
            self: &RedisDriver,
            source: &[u8],
            sha1: &[u8],
            keys: &[u8],
            arguments: &[u8],
            within_us: u64,
            call: UniquePtr<DriverCall>,
        );
        fn run_commands(
            self: &RedisDriver,
            commands: &[u8],
            within_us: u64,
            call: UniquePtr<DriverCall>,
        );
        fn run_on_each_master(
            self: &RedisDriver,
            words: &[u8],
            within_us: u64,
            call: UniquePtr<DriverCall>,
        );
        fn subscribe(self: &RedisDriver, channels: &[u8], listener: UniquePtr<DriverListener>);
        fn reconnections(self: &RedisDriver) -> u64;
        #[cxx_name = "close"]
        fn close_redis(self: &RedisDriver);
    }
}

// They are handed over to one thread after the other, and hold nothing of the thread that made them.
unsafe impl Send for ffi::DriverCall {}
unsafe impl Send for ffi::DriverListener {}
// `heard` is a const method that the C++ side declares safe from any thread.
unsafe impl Sync for ffi::DriverListener {}

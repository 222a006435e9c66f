//! The link to Redis: one connection to the server, or one to each node of a cluster, that mends
//! itself.
//!
//! A plain link follows the master: of its servers it takes the first that says it is one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{
    MultipleNodeRoutingInfo, Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr,
};
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, ErrorKind,
    IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo, RedisError, RedisResult, Value,
};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use crate::call::{Failure, Outcome};
use crate::ffi::RedisConfig;
use crate::redis_errors::of_call;

const CONNECT_WITHIN: Duration = Duration::from_secs(1);
// What a cluster's node may take for one command, and for telling its slots.
const NODE_ANSWERS_WITHIN: Duration = Duration::from_secs(1);
// Of what was sent and is not acknowledged by the other machine: a partition.
const SILENCE_MAX: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(1);
const HEARTBEAT_WITHIN: Duration = Duration::from_secs(2);
const CLUSTER_MISSES_MAX: u32 = 3;
const RETRY_MIN: Duration = Duration::from_millis(50);
const RETRY_MAX: Duration = Duration::from_secs(1);
const COMMANDS_QUEUED_MAX: usize = 1_024;
const CLUSTER_RETRIES: u32 = 3;

#[derive(Clone)]
enum Connection {
    Plain(MultiplexedConnection),
    Cluster(ClusterConnection),
}

#[derive(Clone)]
enum State {
    /// No attempt has ended since the last connection was lost: calls wait for it.
    Connecting,
    Up(Connection, u64),
    /// Calls fail at once, for this reason, until an attempt succeeds.
    Down(String),
}

/// Where a command goes.
pub enum Target<'a> {
    Key(&'a [u8]),
    Any,
    EachMaster,
}

pub struct Link {
    config: RedisConfig,
    state: watch::Sender<State>,
    /// The number of the newest connection that was found broken.
    broken: AtomicU64,
    found_broken: Notify,
    pub reconnections: AtomicU64,
    /// HOST, PORT of the server that a plain link is connected to.
    master: watch::Sender<Option<(String, u16)>>,
}

impl Link {
    pub fn new(config: RedisConfig) -> Arc<Link> {
        Arc::new(Link {
            config,
            state: watch::Sender::new(State::Connecting),
            broken: AtomicU64::new(0),
            found_broken: Notify::new(),
            reconnections: AtomicU64::new(0),
            master: watch::Sender::new(None),
        })
    }

    pub fn is_cluster(&self) -> bool {
        self.config.is_cluster
    }

    pub fn master(&self) -> Option<(String, u16)> {
        self.master.borrow().clone()
    }

    /// Sends one command.
    pub async fn send(&self, command: &Cmd, target: Target<'_>) -> RedisResult<Value> {
        let (connection, number) = self.connection().await?;
        let result = send_through(connection, command, target).await.and_then(server_error);
        self.note_end(number, result.as_ref().err());
        result
    }

    /// Sends commands for one slot, which run in their order. A reply may be an error.
    pub async fn send_all(&self, commands: Vec<Cmd>, key: &[u8]) -> RedisResult<Vec<Value>> {
        let (connection, number) = self.connection().await?;
        let count = commands.len();
        let mut pipeline = redis::pipe();
        for command in commands {
            pipeline.add_command(command);
        }
        let result = match connection {
            Connection::Plain(mut connection) => {
                connection.send_packed_commands(&pipeline, 0, count).await
            }
            Connection::Cluster(mut connection) => {
                let route = SingleNodeRoutingInfo::SpecificNode(route(key));
                connection.route_pipeline(pipeline, 0, count, route).await
            }
        };
        self.note_end(number, result.as_ref().err());
        result
    }

    fn note_end(&self, number: u64, error: Option<&RedisError>) {
        // The connections of a cluster are mended by the client; its heartbeat tells when not.
        let is_broken =
            |error: &RedisError| error.is_unrecoverable_error() || error.code() == Some("READONLY");
        if !self.is_cluster() && error.is_some_and(is_broken) {
            self.found_broken(number);
        }
    }

    /// Keeps the link up, for ever.
    pub async fn keep(self: Arc<Self>) {
        let mut number = 0;
        let mut pause = RETRY_MIN;
        loop {
            match timeout(CONNECT_WITHIN * 2, self.connect()).await {
                Ok(Ok(connection)) => {
                    number += 1;
                    pause = RETRY_MIN;
                    if number > 1 {
                        self.reconnections.fetch_add(1, Ordering::Relaxed);
                    }
                    self.state.send_replace(State::Up(connection.clone(), number));
                    self.watch(connection, number).await;
                    // A cluster's connection mends itself and stays in use until there is another.
                    if !self.is_cluster() {
                        self.state.send_replace(State::Connecting);
                    }
                }
                Ok(Err(why)) => self.note_down(why),
                Err(_) => self.note_down("connecting timed out".to_string()),
            }
            sleep(pause).await;
            pause = (pause * 2).min(RETRY_MAX);
        }
    }

    fn note_down(&self, why: String) {
        self.state.send_if_modified(|state| {
            let is_news = !matches!(state, State::Up(..));
            if is_news {
                *state = State::Down(why);
            }
            is_news
        });
    }

    fn found_broken(&self, number: u64) {
        self.broken.fetch_max(number, Ordering::AcqRel);
        self.found_broken.notify_one();
    }

    /// Returns when connection `number` is broken.
    async fn watch(&self, connection: Connection, number: u64) {
        let ping = redis::cmd("PING");
        // One node of a cluster may be gone for good; the others don't need a new connection.
        let misses_max = if self.is_cluster() { CLUSTER_MISSES_MAX } else { 1 };
        let mut misses = 0;
        loop {
            let _ = timeout(HEARTBEAT, self.found_broken.notified()).await;
            if self.broken.load(Ordering::Acquire) >= number {
                return;
            }
            let beat = send_through(connection.clone(), &ping, Target::EachMaster);
            match timeout(HEARTBEAT_WITHIN, beat).await {
                Ok(Ok(_)) => misses = 0,
                Ok(Err(error)) if error.code().is_some() => misses = 0, // it answers
                _ => misses += 1,
            }
            if misses >= misses_max {
                return;
            }
        }
    }

    async fn connection(&self) -> RedisResult<(Connection, u64)> {
        let mut states = self.state.subscribe();
        let state = states.wait_for(|state| !matches!(state, State::Connecting)).await;
        let why = match state.as_deref() {
            Ok(State::Up(connection, number)) => return Ok((connection.clone(), *number)),
            Ok(State::Down(why)) => why.clone(),
            _ => "closed".to_string(),
        };
        Err((ErrorKind::Io, "no connection", why).into())
    }

    async fn connect(&self) -> Result<Connection, String> {
        if self.is_cluster() {
            return self.connect_cluster().await.map_err(|why| why.to_string());
        }
        let mut reasons = vec![];
        for server in &self.config.servers {
            match timeout(CONNECT_WITHIN, self.connect_master(server)).await {
                Ok(Ok(connection)) => return Ok(Connection::Plain(connection)),
                Ok(Err(why)) => reasons.push(format!("{server}: {}", why.detail())),
                Err(_) => reasons.push(format!("{server}: no answer")),
            }
        }
        Err(reasons.join("; "))
    }

    async fn connect_master(&self, server: &str) -> Outcome<MultiplexedConnection> {
        let (host, port) = host_and_port(server)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(None) // each call has its own
            .set_pipeline_buffer_size(COMMANDS_QUEUED_MAX);
        let mut connection = self
            .client(host, port, ProtocolVersion::RESP2)
            .map_err(|why| of_call(&why))?
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|why| of_call(&why))?;
        let role = connection
            .send_packed_command(&redis::cmd("ROLE"))
            .await
            .and_then(server_error)
            .map_err(|why| of_call(&why))?;
        if let Value::Array(words) = &role {
            if let Some(Value::BulkString(word)) = words.first() {
                if word != b"master" {
                    let role = String::from_utf8_lossy(word);
                    return Err(Failure::unavailable(format!("is a {role}, not a master")));
                }
            }
        }
        self.master.send_replace(Some((host.to_string(), port)));
        Ok(connection)
    }

    async fn connect_cluster(&self) -> RedisResult<Connection> {
        let mut nodes = vec![];
        for server in &self.config.servers {
            if let Ok((host, port)) = host_and_port(server) {
                nodes.push(self.info(host, port, ProtocolVersion::RESP2)?);
            }
        }
        let connection = ClusterClientBuilder::new(nodes)
            .use_protocol(ProtocolVersion::RESP2)
            .tcp_settings(tcp_settings())
            .connection_timeout(CONNECT_WITHIN)
            .response_timeout(NODE_ANSWERS_WITHIN)
            .overall_response_timeout(None) // each call has its own
            .retries(CLUSTER_RETRIES)
            .min_retry_wait(20)
            .max_retry_wait(200)
            .build()?
            .get_async_connection()
            .await?;
        Ok(Connection::Cluster(connection))
    }

    /// One server of the cluster or of the plain link, with its password.
    pub fn client(&self, host: &str, port: u16, protocol: ProtocolVersion) -> RedisResult<Client> {
        Client::open(self.info(host, port, protocol)?)
    }

    fn info(
        &self,
        host: &str,
        port: u16,
        protocol: ProtocolVersion,
    ) -> RedisResult<ConnectionInfo> {
        let mut settings = RedisConnectionInfo::default().set_protocol(protocol);
        if !self.config.password.is_empty() {
            settings = settings.set_password(&self.config.password);
        }
        let info = ConnectionAddr::Tcp(host.to_string(), port).into_connection_info()?;
        Ok(info.set_redis_settings(settings).set_tcp_settings(tcp_settings()))
    }

    /// The first server that was named: what a node means that does not say its own host.
    pub fn first_host(&self) -> &str {
        let first = self.config.servers.first().map(String::as_str).unwrap_or_default();
        host_and_port(first).map(|(host, _)| host).unwrap_or_default()
    }
}

fn tcp_settings() -> TcpSettings {
    TcpSettings::default().set_nodelay(true).set_user_timeout(SILENCE_MAX)
}

fn host_and_port(server: &str) -> Outcome<(&str, u16)> {
    let unreadable = || Failure::internal(format!("{server} is not HOST:PORT"));
    let (host, port) = server.rsplit_once(':').ok_or_else(unreadable)?;
    let port = port.parse().map_err(|_| unreadable())?;
    Ok((host.trim_start_matches('[').trim_end_matches(']'), port))
}

async fn send_through(
    connection: Connection,
    command: &Cmd,
    target: Target<'_>,
) -> RedisResult<Value> {
    match connection {
        Connection::Plain(mut connection) => connection.send_packed_command(command).await,
        Connection::Cluster(mut connection) => {
            connection.route_command(command.clone(), routing(target)).await
        }
    }
}

fn routing(target: Target<'_>) -> RoutingInfo {
    match target {
        Target::Key(key) => {
            RoutingInfo::SingleNode(SingleNodeRoutingInfo::SpecificNode(route(key)))
        }
        Target::Any => RoutingInfo::SingleNode(SingleNodeRoutingInfo::RandomPrimary),
        Target::EachMaster => RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None)),
    }
}

fn route(key: &[u8]) -> Route {
    Route::with_key(key, SlotAddr::Master)
}

fn server_error(value: Value) -> RedisResult<Value> {
    match value {
        Value::ServerError(error) => Err(error.into()),
        other => Ok(other),
    }
}

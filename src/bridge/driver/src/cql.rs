//! A session with a CQL store.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use cxx::UniquePtr;
use futures_util::future::join_all;
use scylla::client::execution_profile::{ExecutionProfile, ExecutionProfileHandle};
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::policies::load_balancing::{
    DefaultPolicy, NodeIdentifier, SingleTargetLoadBalancingPolicy,
};
use scylla::policies::retry::DefaultRetryPolicy;
use scylla::policies::speculative_execution::SimpleSpeculativeExecutionPolicy;
use scylla::response::{PagingState, PagingStateResponse};
use scylla::statement::batch::{Batch, BatchType};
use scylla::statement::prepared::PreparedStatement;
use scylla::statement::{Consistency, SerialConsistency, Statement};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::call::{Failure, Outcome, Part, start};
use crate::cql_cells::{Values, to_part};
use crate::cql_errors::{of_execution, of_preparation};
use crate::ffi::{Bound, CqlConfig, DriverCall, StatementTraits};
use crate::runtime::runtime;

const SPECULATE_AFTER: Duration = Duration::from_millis(200);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);
// A node that stopped answering is left for the others within the sum of these. A machine with much to do is not a dead one.
const HEARTBEAT: Duration = Duration::from_secs(2);
const HEARTBEAT_WITHIN: Duration = Duration::from_secs(4);
const RETRY_CONNECT: Duration = Duration::from_millis(500);

pub struct CqlDriver {
    config: Arc<CqlConfig>,
    open: Arc<OnceLock<Arc<Open>>>,
    closed: CancellationToken,
}

/// What there is once a contact point has answered.
pub struct Open {
    pub session: Session,
    statements: RwLock<Vec<Arc<PreparedStatement>>>,
    usual: ExecutionProfileHandle,
    speculative: ExecutionProfileHandle,
}

pub fn cql_driver(config: CqlConfig) -> Box<CqlDriver> {
    Box::new(CqlDriver {
        config: Arc::new(config),
        open: Arc::new(OnceLock::new()),
        closed: CancellationToken::new(),
    })
}

impl Open {
    pub fn statement(&self, number: u32) -> Outcome<Arc<PreparedStatement>> {
        let statements = self.statements.read().unwrap_or_else(|e| e.into_inner());
        statements
            .get(number as usize)
            .cloned()
            .ok_or_else(|| Failure::internal("a statement of another session"))
    }

    fn add_statement(&self, statement: PreparedStatement) -> u32 {
        let mut statements = self.statements.write().unwrap_or_else(|e| e.into_inner());
        statements.push(Arc::new(statement));
        (statements.len() - 1) as u32
    }
}

impl CqlDriver {
    pub fn connect(&self, within_us: u64, call: UniquePtr<DriverCall>) {
        let config = self.config.clone();
        let open = self.open.clone();
        let within = Duration::from_micros(within_us);
        // It keeps its deadline itself, to say which address failed and why.
        let margin = Duration::from_secs(1);
        start(&self.closed, within + margin, call, async move {
            let made = connect(&config, within).await?;
            let _ = open.set(Arc::new(made));
            Ok(vec![])
        });
    }

    pub fn prepare(
        &self,
        text: &[u8],
        traits: StatementTraits,
        within_us: u64,
        call: UniquePtr<DriverCall>,
    ) {
        let text = String::from_utf8_lossy(text).into_owned();
        self.begin(within_us, call, async move |open: Arc<Open>| {
            let mut made = open.session.prepare(text).await.map_err(of_preparation)?;
            made.set_consistency(consistency(traits.consistency));
            made.set_is_idempotent(traits.idempotent);
            let profile = if traits.speculative { &open.speculative } else { &open.usual };
            made.set_execution_profile_handle(Some(profile.clone()));
            let number = open.add_statement(made);
            Ok(vec![Part { cells: number.to_be_bytes().to_vec(), ..Part::default() }])
        });
    }

    pub fn run(&self, text: &[u8], within_us: u64, call: UniquePtr<DriverCall>) {
        let text = String::from_utf8_lossy(text).into_owned();
        self.begin(within_us, call, async move |open: Arc<Open>| {
            let statement = Statement::new(text);
            let result = open.session.query_unpaged(statement, ()).await.map_err(of_execution)?;
            Ok(vec![to_part(result, vec![])?])
        });
    }

    pub fn execute(
        &self,
        statement: u32,
        values: &[u8],
        page_rows: i32,
        page: &[u8],
        within_us: u64,
        call: UniquePtr<DriverCall>,
    ) {
        let values = Values(values.to_vec());
        let page = page.to_vec();
        self.begin(within_us, call, async move |open: Arc<Open>| {
            let statement = open.statement(statement)?;
            let part = if page_rows > 0 {
                one_page(&open.session, &statement, values, page_rows, page).await?
            } else {
                let result =
                    open.session.execute_unpaged(&statement, values).await.map_err(of_execution)?;
                to_part(result, vec![])?
            };
            Ok(vec![part])
        });
    }

    pub fn execute_batch(
        &self,
        statements: Vec<Bound>,
        within_us: u64,
        call: UniquePtr<DriverCall>,
    ) {
        self.begin(within_us, call, async move |open: Arc<Open>| {
            let mut batch = Batch::new(BatchType::Logged);
            let mut values = Vec::with_capacity(statements.len());
            let mut is_idempotent = true;
            for bound in statements {
                let statement = open.statement(bound.statement)?;
                is_idempotent = is_idempotent && statement.get_is_idempotent();
                if let Some(consistency) = statement.get_consistency() {
                    batch.set_consistency(consistency);
                }
                batch.append_statement((*statement).clone());
                values.push(Values(bound.values));
            }
            batch.set_is_idempotent(is_idempotent);
            batch.set_execution_profile_handle(Some(open.usual.clone()));
            open.session.batch(&batch, values).await.map_err(of_execution)?;
            Ok(vec![])
        });
    }

    pub fn execute_on_each_node(
        &self,
        statement: u32,
        within_us: u64,
        call: UniquePtr<DriverCall>,
    ) {
        // Each node has a little less time than all of them, so that the quick ones are heard.
        let each = Duration::from_micros(within_us) * 9 / 10;
        self.begin(within_us, call, async move |open: Arc<Open>| {
            let statement = open.statement(statement)?;
            let state = open.session.get_cluster_state();
            let answers = join_all(state.get_nodes_info().iter().map(|node| {
                let mut there = (*statement).clone();
                let target = NodeIdentifier::Node(node.clone());
                let policy = SingleTargetLoadBalancingPolicy::new(target, None);
                there.set_load_balancing_policy(Some(policy));
                let session = &open.session;
                timeout(each, async move { session.execute_unpaged(&there, ()).await })
            }))
            .await;
            let mut parts = vec![];
            let mut why = Failure::unavailable("no node is known");
            for answer in answers {
                match answer {
                    Ok(Ok(result)) => parts.push(to_part(result, vec![])?),
                    Ok(Err(error)) => why = of_execution(error),
                    Err(_) => why = Failure::unavailable(format!("timed out after {each:?}")),
                }
            }
            if parts.is_empty() { Err(why) } else { Ok(parts) }
        });
    }

    /// Ends all calls: each is answered soon. None may follow.
    pub fn close(&self) {
        self.closed.cancel();
    }

    pub fn begin<W, F>(&self, within_us: u64, call: UniquePtr<DriverCall>, work: W)
    where
        W: FnOnce(Arc<Open>) -> F,
        F: Future<Output = Outcome<Vec<Part>>> + Send + 'static,
    {
        let within = Duration::from_micros(within_us);
        match self.open.get() {
            Some(open) => start(&self.closed, within, call, work(open.clone())),
            None => start(&self.closed, within, call, async {
                Err(Failure::unavailable("not connected"))
            }),
        }
    }
}

impl Drop for CqlDriver {
    fn drop(&mut self) {
        self.closed.cancel();
        // The session stops its tasks as it goes, on a thread of the runtime: this one may be the
        // main thread at its exit, which has no thread-locals left.
        let open = std::mem::take(&mut self.open);
        runtime().spawn(async move { drop(open) });
    }
}

async fn one_page(
    session: &Session,
    statement: &PreparedStatement,
    values: Values,
    page_rows: i32,
    page: Vec<u8>,
) -> Outcome<Part> {
    let mut paged = statement.clone();
    paged.set_page_size(page_rows);
    let state =
        if page.is_empty() { PagingState::start() } else { PagingState::new_from_raw_bytes(page) };
    let (result, next) =
        session.execute_single_page(&paged, values, state).await.map_err(of_execution)?;
    let next_page = match next {
        PagingStateResponse::HasMorePages { state } => {
            state.as_bytes_slice().map(|bytes| bytes.to_vec()).unwrap_or_default()
        }
        PagingStateResponse::NoMorePages => vec![],
    };
    to_part(result, next_page)
}

fn consistency(number: u8) -> Consistency {
    match number {
        1 => Consistency::LocalOne,
        2 => Consistency::Quorum,
        3 => Consistency::One,
        _ => Consistency::LocalQuorum,
    }
}

fn profile(config: &CqlConfig, speculates: bool) -> ExecutionProfileHandle {
    let mut policy = DefaultPolicy::builder().token_aware(true).permit_dc_failover(false);
    let datacenter = config.local_datacenter.clone();
    if !datacenter.is_empty() && !config.local_rack.is_empty() {
        policy = policy.prefer_datacenter_and_rack(datacenter, config.local_rack.clone());
    } else if !datacenter.is_empty() {
        policy = policy.prefer_datacenter(datacenter);
    }
    let mut profile = ExecutionProfile::builder()
        .consistency(Consistency::LocalQuorum)
        .serial_consistency(Some(SerialConsistency::LocalSerial))
        .request_timeout(None) // each call has its own
        .retry_policy(Arc::new(DefaultRetryPolicy::new()))
        .load_balancing_policy(policy.build());
    if speculates {
        let policy = SimpleSpeculativeExecutionPolicy {
            max_retry_count: 1,
            retry_interval: SPECULATE_AFTER,
        };
        profile = profile.speculative_execution_policy(Some(Arc::new(policy)));
    }
    profile.build().into_handle()
}

/// Tries all contact points again and again until one answers or the time is over.
async fn connect(config: &CqlConfig, within: Duration) -> Outcome<Open> {
    let deadline = Instant::now() + within;
    let usual = profile(config, false);
    let mut reasons = "no time to try".to_string();
    loop {
        let mut builder = SessionBuilder::new()
            .known_nodes(&config.contact_points)
            .default_execution_profile_handle(usual.clone())
            .connection_timeout(CONNECTION_TIMEOUT)
            .keepalive_interval(HEARTBEAT)
            .keepalive_timeout(HEARTBEAT_WITHIN);
        if !config.user.is_empty() {
            builder = builder.user(&config.user, &config.password);
        }
        match timeout_at(deadline, builder.build()).await {
            Ok(Ok(session)) => {
                check_datacenter(config, &session)?;
                check_keyspace(config, &session)?;
                return Ok(Open {
                    session,
                    statements: RwLock::new(vec![]),
                    usual,
                    speculative: profile(config, true),
                });
            }
            Ok(Err(why)) => reasons = reasons_of(config, deadline, &why.to_string()).await,
            Err(_) => {}
        }
        if Instant::now() + RETRY_CONNECT >= deadline {
            return Err(Failure::unavailable(format!(
                "no contact point answers within {within:?}: {reasons}"
            )));
        }
        tokio::time::sleep(RETRY_CONNECT).await;
    }
}

/// Statements name the keyspace themselves: no connection needs to be in it.
fn check_keyspace(config: &CqlConfig, session: &Session) -> Outcome<()> {
    let wanted = &config.keyspace;
    if wanted.is_empty() || session.get_cluster_state().get_keyspace(wanted).is_some() {
        return Ok(());
    }
    Err(Failure::internal(format!("the store has no keyspace {wanted}")))
}

/// A name of a data centre that no node has would leave every statement without a node to go to.
fn check_datacenter(config: &CqlConfig, session: &Session) -> Outcome<()> {
    let state = session.get_cluster_state();
    let mut known: Vec<&str> =
        state.get_nodes_info().iter().filter_map(|node| node.datacenter.as_deref()).collect();
    known.sort_unstable();
    known.dedup();
    let wanted = config.local_datacenter.as_str();
    if wanted.is_empty() || known.contains(&wanted) {
        return Ok(());
    }
    Err(Failure::internal(format!(
        "the store has no data centre {wanted}; it has {}",
        known.join(", ")
    )))
}

/// "127.0.0.1:9042: Connection refused (os error 111); …"
async fn reasons_of(config: &CqlConfig, deadline: Instant, of_driver: &str) -> String {
    let one = |point: String| async move {
        let why = match resolve(&point).await {
            Err(why) => why.to_string(),
            Ok(address) => match timeout_at(deadline, TcpStream::connect(address)).await {
                Ok(Ok(_)) => of_driver.to_string(),
                Ok(Err(why)) => why.to_string(),
                Err(_) => "no answer".to_string(),
            },
        };
        format!("{point}: {why}")
    };
    join_all(config.contact_points.iter().cloned().map(one)).await.join("; ")
}

async fn resolve(point: &str) -> std::io::Result<SocketAddr> {
    let point = point.to_string();
    let found = tokio::task::spawn_blocking(move || point.to_socket_addrs())
        .await
        .map_err(std::io::Error::other)??
        .next();
    found.ok_or_else(|| std::io::Error::other("has no address"))
}

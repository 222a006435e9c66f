//! Subscriptions to sharded channels, renewed for ever: after a lost connection, a moved slot, a
//! restarted server.
//!
//! A channel is subscribed to by a command of its own at the master of its slot, since one command
//! for all would be refused in a cluster. The cluster client's own subscriptions do that.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cxx::UniquePtr;
use redis::aio::MultiplexedConnection;
use redis::cluster_routing::Slot;
use redis::{AsyncConnectionConfig, ProtocolVersion, PushInfo, PushKind, RedisResult, Value};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::ffi::DriverListener;
use crate::redis_link::{Link, Target};

const LOOK_EVERY: Duration = Duration::from_secs(1);
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

type Address = (String, u16);

/// What a connection tells: it ended, or it lost a channel (its slot moved).
enum News {
    Ended(Address),
    Lost(Vec<u8>),
}

struct Subscriber {
    link: Arc<Link>,
    listener: Arc<UniquePtr<DriverListener>>,
    news: UnboundedSender<News>,
    connections: HashMap<Address, MultiplexedConnection>,
    /// Where each channel is subscribed to.
    places: HashMap<Vec<u8>, Option<Address>>,
}

pub async fn keep_subscribed(
    link: Arc<Link>,
    channels: Vec<Vec<u8>>,
    listener: UniquePtr<DriverListener>,
) {
    let (news, mut heard) = unbounded_channel();
    let mut subscriber = Subscriber {
        link,
        listener: Arc::new(listener),
        news,
        connections: HashMap::new(),
        places: channels.into_iter().map(|channel| (channel, None)).collect(),
    };
    loop {
        subscriber.subscribe_missing().await;
        match timeout(LOOK_EVERY, heard.recv()).await {
            Ok(Some(News::Ended(address))) => subscriber.forget(&address),
            Ok(Some(News::Lost(channel))) => {
                subscriber.places.insert(channel, None);
            }
            Ok(None) => return,
            Err(_) => subscriber.drop_the_silent().await,
        }
    }
}

impl Subscriber {
    /// What fails is tried again at the next look.
    async fn subscribe_missing(&mut self) {
        let missing: Vec<Vec<u8>> = self
            .places
            .iter()
            .filter(|(_, place)| place.is_none())
            .map(|(channel, _)| channel.clone())
            .collect();
        if missing.is_empty() {
            return;
        }
        let Ok(Some(masters)) = timeout(ANSWERS_WITHIN, self.masters()).await else { return };
        for channel in missing {
            let Some(address) = masters.of(&channel) else { continue };
            let subscribed = timeout(ANSWERS_WITHIN, self.subscribe(&channel, &address)).await;
            match subscribed {
                Ok(Ok(())) => {
                    self.places.insert(channel, Some(address));
                }
                _ => self.forget(&address),
            }
        }
    }

    async fn subscribe(&mut self, channel: &[u8], address: &Address) -> RedisResult<()> {
        let mut connection = match self.connections.get(address) {
            Some(connection) => connection.clone(),
            None => {
                let made = self.connect(address).await?;
                self.connections.insert(address.clone(), made.clone());
                made
            }
        };
        let mut command = redis::cmd("SSUBSCRIBE");
        command.arg(channel);
        connection.send_packed_command(&command).await?.extract_error()?;
        Ok(())
    }

    async fn connect(&self, address: &Address) -> RedisResult<MultiplexedConnection> {
        let (listener, news, from) = (self.listener.clone(), self.news.clone(), address.clone());
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWERS_WITHIN))
            .set_response_timeout(Some(ANSWERS_WITHIN))
            .set_push_sender(move |push: PushInfo| {
                tell(push, &listener, &news, &from);
                Ok::<(), std::convert::Infallible>(())
            });
        self.link
            .client(&address.0, address.1, ProtocolVersion::RESP3)?
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    /// A server that was stopped, or that no packet reaches, ends no connection.
    async fn drop_the_silent(&mut self) {
        let ping = redis::cmd("PING");
        for (address, mut connection) in self.connections.clone() {
            let beat = timeout(ANSWERS_WITHIN, connection.send_packed_command(&ping)).await;
            if !matches!(beat, Ok(Ok(_))) {
                self.forget(&address);
            }
        }
    }

    fn forget(&mut self, address: &Address) {
        self.connections.remove(address);
        for place in self.places.values_mut() {
            if place.as_ref() == Some(address) {
                *place = None;
            }
        }
    }

    async fn masters(&self) -> Option<Masters> {
        if !self.link.is_cluster() {
            // Also waits until there is one.
            self.link.send(&redis::cmd("PING"), Target::Any).await.ok()?;
            return Some(Masters::One(self.link.master()?));
        }
        let mut command = redis::cmd("CLUSTER");
        command.arg("SLOTS");
        let reply = self.link.send(&command, Target::Any).await.ok()?;
        let Value::Array(ranges) = reply else { return None };
        let first_host = self.link.first_host();
        Some(Masters::BySlot(
            ranges.iter().filter_map(|range| slot_range(range, first_host)).collect(),
        ))
    }
}

enum Masters {
    One(Address),
    BySlot(Vec<(u16, u16, Address)>),
}

impl Masters {
    fn of(&self, channel: &[u8]) -> Option<Address> {
        match self {
            Masters::One(address) => Some(address.clone()),
            Masters::BySlot(ranges) => {
                let slot = Some(Slot::for_key(channel)); // which does not tell its number
                ranges
                    .iter()
                    .find(|(first, last, _)| (*first..=*last).any(|one| Slot::new(one) == slot))
                    .map(|(_, _, address)| address.clone())
            }
        }
    }
}

/// Of one range that CLUSTER SLOTS tells: first, last, [host, port, …] of its master, replicas.
fn slot_range(range: &Value, first_host: &str) -> Option<(u16, u16, Address)> {
    let Value::Array(fields) = range else { return None };
    let [Value::Int(first), Value::Int(last), Value::Array(master), ..] = fields.as_slice() else {
        return None;
    };
    let [host, Value::Int(port), ..] = master.as_slice() else { return None };
    let host = match host {
        Value::BulkString(host) if !host.is_empty() => String::from_utf8_lossy(host).into_owned(),
        _ => first_host.to_string(),
    };
    let number = |number: &i64| u16::try_from(*number).ok();
    Some((number(first)?, number(last)?, (host, number(port)?)))
}

fn tell(
    push: PushInfo,
    listener: &UniquePtr<DriverListener>,
    news: &UnboundedSender<News>,
    from: &Address,
) {
    let channel = match push.data.into_iter().next() {
        Some(Value::BulkString(channel)) => Some(channel),
        _ => None,
    };
    match (push.kind, channel) {
        (PushKind::SMessage, Some(channel)) => {
            if let Some(listener) = listener.as_ref() {
                listener.heard(&channel);
            }
        }
        (PushKind::SUnsubscribe, Some(channel)) => {
            let _ = news.send(News::Lost(channel));
        }
        (PushKind::Disconnection, _) => {
            let _ = news.send(News::Ended(from.clone()));
        }
        _ => {}
    }
}

//! The calls on a Redis link.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cxx::UniquePtr;
use futures_util::future::try_join_all;
use redis::cluster_routing::Slot;
use redis::{Cmd, Value};
use tokio_util::sync::CancellationToken;

use crate::call::{Outcome, Part, start};
use crate::ffi::{DriverCall, DriverListener, RedisConfig};
use crate::redis_errors::of_call;
use crate::redis_link::{Link, Target};
use crate::redis_subscriber::keep_subscribed;
use crate::redis_words::{put_reply, take_words};
use crate::runtime::runtime;

pub struct RedisDriver {
    link: Arc<Link>,
    closed: CancellationToken,
}

pub fn redis_driver(config: RedisConfig) -> Box<RedisDriver> {
    let driver = RedisDriver { link: Link::new(config), closed: CancellationToken::new() };
    let (link, closed) = (driver.link.clone(), driver.closed.clone());
    runtime().spawn(async move { closed.run_until_cancelled(link.keep()).await });
    Box::new(driver)
}

impl RedisDriver {
    pub fn run_script(
        &self,
        source: &[u8],
        sha1: &[u8],
        keys: &[u8],
        arguments: &[u8],
        within_us: u64,
        call: UniquePtr<DriverCall>,
    ) {
        let link = self.link.clone();
        let (source, sha1) = (source.to_vec(), sha1.to_vec());
        let (keys, arguments) = (keys.to_vec(), arguments.to_vec());
        self.begin(within_us, call, async move {
            let keys = take_words(&mut keys.as_slice())?;
            let arguments = take_words(&mut arguments.as_slice())?;
            let target = || keys.first().map_or(Target::Any, |key| Target::Key(key));
            let known = script_command("EVALSHA", &sha1, &keys, &arguments);
            let reply = match link.send(&known, target()).await {
                Err(error) if error.code() == Some("NOSCRIPT") => {
                    let whole = script_command("EVAL", &source, &keys, &arguments);
                    link.send(&whole, target()).await
                }
                other => other,
            };
            to_parts(vec![reply.map_err(|why| of_call(&why))?])
        });
    }

    /// Those of one slot run in their order; in a cluster those of different slots go out at once.
    pub fn run_commands(&self, commands: &[u8], within_us: u64, call: UniquePtr<DriverCall>) {
        let link = self.link.clone();
        let commands = commands.to_vec();
        self.begin(within_us, call, async move {
            let mut rest = commands.as_slice();
            let mut all = vec![];
            while !rest.is_empty() {
                all.push(take_words(&mut rest)?);
            }
            let runs = runs_of(&all, link.is_cluster());
            let answers = try_join_all(runs.iter().map(async |run| {
                let commands = run.iter().map(|&place| command(&all[place])).collect();
                link.send_all(commands, key_of(&all[run[0]])).await
            }))
            .await
            .map_err(|why| of_call(&why))?;
            let mut replies = vec![Value::Nil; all.len()];
            for (run, answers) in runs.iter().zip(answers) {
                for (&place, answer) in run.iter().zip(answers) {
                    replies[place] = answer;
                }
            }
            to_parts(replies)
        });
    }

    pub fn run_on_each_master(&self, words: &[u8], within_us: u64, call: UniquePtr<DriverCall>) {
        let link = self.link.clone();
        let words = words.to_vec();
        self.begin(within_us, call, async move {
            let words = take_words(&mut words.as_slice())?;
            let reply = link
                .send(&command(&words), Target::EachMaster)
                .await
                .map_err(|why| of_call(&why))?;
            let replies = match reply {
                // Of a cluster: (address, reply) of each.
                Value::Map(pairs) if link.is_cluster() => {
                    pairs.into_iter().map(|(_, reply)| reply).collect()
                }
                reply => vec![reply],
            };
            to_parts(replies)
        });
    }

    pub fn subscribe(&self, channels: &[u8], listener: UniquePtr<DriverListener>) {
        let Ok(channels) = take_words(&mut &*channels) else { return };
        let (link, closed) = (self.link.clone(), self.closed.clone());
        runtime().spawn(async move {
            closed.run_until_cancelled(keep_subscribed(link, channels, listener)).await
        });
    }

    pub fn reconnections(&self) -> u64 {
        self.link.reconnections.load(Ordering::Relaxed)
    }

    /// Ends all calls and the subscription: each call is answered soon. None may follow.
    pub fn close_redis(&self) {
        self.closed.cancel();
    }

    fn begin<F>(&self, within_us: u64, call: UniquePtr<DriverCall>, work: F)
    where
        F: Future<Output = Outcome<Vec<Part>>> + Send + 'static,
    {
        start(&self.closed, Duration::from_micros(within_us), call, work);
    }
}

impl Drop for RedisDriver {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

fn command(words: &[Vec<u8>]) -> Cmd {
    let mut command = Cmd::new();
    for word in words {
        command.arg(word.as_slice());
    }
    command
}

fn key_of(words: &[Vec<u8>]) -> &[u8] {
    words.get(1).map_or(b"", Vec::as_slice)
}

/// The places of the commands that go out together: all of them, or those of each slot.
fn runs_of(commands: &[Vec<Vec<u8>>], is_cluster: bool) -> Vec<Vec<usize>> {
    if !is_cluster {
        return vec![(0..commands.len()).collect()];
    }
    let mut runs: Vec<(Slot, Vec<usize>)> = vec![];
    for (place, words) in commands.iter().enumerate() {
        let slot = Slot::for_key(key_of(words));
        match runs.iter_mut().find(|(other, _)| *other == slot) {
            Some((_, run)) => run.push(place),
            None => runs.push((slot, vec![place])),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

fn script_command(verb: &str, script: &[u8], keys: &[Vec<u8>], arguments: &[Vec<u8>]) -> Cmd {
    let mut command = redis::cmd(verb);
    command.arg(script).arg(keys.len());
    for word in keys.iter().chain(arguments) {
        command.arg(word.as_slice());
    }
    command
}

fn to_parts(replies: Vec<Value>) -> Outcome<Vec<Part>> {
    let mut parts = Vec::with_capacity(replies.len());
    for reply in replies {
        let mut part = Part::default();
        put_reply(&mut part.cells, reply)?;
        parts.push(part);
    }
    Ok(parts)
}

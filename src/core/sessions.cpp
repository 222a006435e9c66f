#include "core/sessions.h"

#include <algorithm>
#include <atomic>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/random.h"
#include "base/task_group.h"
#include "core/expiring_cache.h"
#include "core/lost_race.h"
#include "core/revocation_list.h"
#include "core/secret_token.h"
#include "model/cursor.h"
#include "model/limits.h"
#include "model/name.h"

namespace tidings {
namespace {

constexpr std::size_t kProofsMax = 100'000;
// A key is read again after this, so that what an administrator changed holds within 5 s.
constexpr milliseconds kKeyLife = seconds(4);
constexpr milliseconds kSeenEvery = seconds(60);
constexpr std::size_t kSeenWritesMax = 256;  // under way at a time; more are left out

constexpr milliseconds kEndedKept = std::chrono::days(7);
constexpr std::size_t kForgottenPerCall = 1'000;

constexpr milliseconds kRevocationsKept = std::chrono::minutes(20);
constexpr milliseconds kRevocationsOverlap = std::chrono::minutes(2);
constexpr milliseconds kRevocationsKnownFor = seconds(30);

constexpr std::size_t kSaltBytes = 16;
// The two halves of a refresh token's secret.
constexpr std::size_t kSeedBytes = 16;
constexpr std::size_t kMarkBytes = 16;

std::unexpected<Error> bad_credentials() {
  return fail(ErrorCode::BadCredentials, "The name or the password is wrong.");
}
std::unexpected<Error> unauthenticated() {
  return fail(ErrorCode::Unauthenticated, "Sign in again.");
}

// The same for a key that was revoked, one with a wrong secret and one that never was.
std::unexpected<Error> key_is_not_good() {
  return fail(ErrorCode::Unauthenticated,
              "This service key is not, or no longer, good. Ask whoever runs the server for one.");
}

bool may_sign_in(const User& user) { return !user.service && !user.disabled && !user.ended_at; }

// seed 16 | mark 16: the mark shows for ever that the token was issued, to whoever holds the salt.
// The id of a session is no secret, so that anybody can write the rest.
std::string refresh_token_of(const Session& session, std::string seed) {
  const Uuid& id = session.id.value;
  const std::string marked = std::string(as_text(id.bytes)) += seed;
  const Sha256 mark = sha256(as_bytes_of(session.refresh_salt), as_bytes_of(marked));
  return make_secret_token(kRefreshTokenPrefix, id, seed += as_text(mark).substr(0, kMarkBytes));
}

// Only who holds both the token and the session's salt can tell what follows.
std::string successor_of(const Session& session, std::string_view refresh_token) {
  const Sha256 seed = sha256(as_bytes_of(session.refresh_salt), as_bytes_of(refresh_token));
  return refresh_token_of(session, std::string(as_text(seed).substr(0, kSeedBytes)));
}

// Compares hashes, lest the time that it takes tells how much of a mark was right.
bool was_issued(const Session& session, std::string_view refresh_token) {
  std::string seed = secret_of_secret_token(refresh_token).substr(0, kSeedBytes);
  const std::string issued = refresh_token_of(session, std::move(seed));
  return hash_of_secret_token(issued) == hash_of_secret_token(refresh_token);
}

// What a token has proven, for as long as it is remembered.
struct Proof {
  Proof(Caller caller, Time expires_at) : caller(std::move(caller)), expires_at(expires_at) {}

  const Uuid& revocable() const {
    return caller.session ? caller.session->value : caller.key->value;
  }

  Caller caller;
  Time expires_at;
  mutable std::atomic<std::int64_t> seen_ms{0};  // when being seen was last written
};

}  // namespace

struct Sessions::Impl {
  SessionStore& store;
  UserStore& users;
  Directory& directory;
  PasswordHasher& hasher;
  const AccessTokens& tokens;
  SignInLimit& limit;
  const Clock& clock;

  std::function<void(Uuid)> ended = [](Uuid) {};
  ExpiringCache<std::string, Proof> proofs{kProofsMax};  // by token
  RevocationList revoked;
  std::atomic<std::int64_t> revocations_read_ms{0};  // wall clock; 0: never
  std::atomic<Instant> revocations_read_at{Instant::min()};
  TaskGroup tasks{"sessions"};
  std::atomic<bool> stopping{false};

  void learn(const Revocation& revocation) {
    if (revoked.add(revocation.id, revocation.at)) ended(revocation.id);
  }

  Task<Result<void>> revoke(Uuid id) {
    const Revocation revocation{id, clock.now()};
    learn(revocation);
    co_return co_await store.revoke(revocation);
  }

  IssuedSession issued(const User& user, SessionId session, std::string refresh_token) const {
    const Time expires_at = std::chrono::floor<seconds>(clock.now()) + kAccessTokenLife;
    const AccessClaims claims{user.id, user.name, session, expires_at};
    return {session, tokens.sign(claims), expires_at, std::move(refresh_token)};
  }

  // Ends a session that may have ended already; then it is revoked again, since an earlier try may
  // have failed between the two.
  Task<Result<void>> end(Session session) {
    for (int i = 0; !session.ended_at; ++i) {
      if (i == kRaceTriesMax) co_return lost_every_race();
      session.ended_at = clock.now();
      const auto stored = co_await store.compare_and_set(session);
      if (!stored) co_return forward(stored);
      if (*stored) break;
      auto current = co_await store.find(session.id);
      if (!current) co_return forward(current);
      if (!*current) co_return {};
      session = std::move(**current);
    }
    co_return co_await revoke(session.id.value);
  }

  Task<Result<std::shared_ptr<const Proof>>> prove_session(std::string token) {
    auto claims = tokens.verify(token, clock.now());
    if (!claims) co_return forward(claims);
    Caller caller;
    caller.user = claims->user;
    caller.name = std::move(claims->name);
    caller.session = claims->session;
    auto proof = std::make_shared<const Proof>(std::move(caller), claims->expires_at);
    proofs.put(std::move(token), proof, 0, clock.monotonic() + kAccessTokenLife);
    co_return proof;
  }

  Task<Result<std::shared_ptr<const Proof>>> prove_key(std::string token) {
    const Instant now = clock.monotonic();
    const auto id = id_of_secret_token(kServiceKeyPrefix, token);
    if (!id) co_return key_is_not_good();
    const auto key = co_await store.find_key(KeyId{*id});
    if (!key) co_return forward(key);
    if (!*key || (*key)->revoked_at || (*key)->secret_hash != hash_of_secret_token(token)) {
      co_return key_is_not_good();
    }
    const auto user = co_await directory.user((*key)->user);
    if (!user)
      co_return user.error().code == ErrorCode::UnknownUser ? key_is_not_good() : forward(user);
    Caller caller;
    caller.user = (*user)->id;
    caller.name = (*user)->name;
    caller.service = true;
    caller.key = (*key)->id;
    caller.may_import = (*key)->may_import;
    caller.send_burst = (*key)->send_burst;
    caller.send_per_seconds = (*key)->send_per_seconds;
    auto proof = std::make_shared<const Proof>(std::move(caller), Time::max());
    proofs.put(std::move(token), proof, 0, now + kKeyLife);
    co_return proof;
  }

  // Somebody who wants to look offline is not seen at all: a last_seen that moves would betray
  // them.
  void note_seen(const Proof& proof, const User& user) {
    const Time now = clock.now();
    std::int64_t written = proof.seen_ms.load(std::memory_order_relaxed);
    if (to_ms(now) - written < kSeenEvery.count()) return;
    if (stopping || tasks.running() >= kSeenWritesMax) return;
    if (!proof.seen_ms.compare_exchange_strong(written, to_ms(now))) return;
    if (user.status == ManualStatus::Invisible || now - user.last_seen < kSeenEvery) return;
    tasks.spawn(write_seen(user.id, now));
  }

  // The session's own last_seen moves when its token is refreshed: a write each minute, which must
  // agree with others' about the version, would cost more than all sends.
  Task<void> write_seen(UserId user, Time now) {
    const auto written = co_await users.seen(user, now);
    if (written) directory.forget(user);  // or others see them offline until it expires
  }
};

Sessions::Sessions(SessionStore& sessions, UserStore& users, Directory& directory,
                   PasswordHasher& hasher, const AccessTokens& tokens, SignInLimit& limit,
                   const Clock& clock)
    : impl_(new Impl{.store = sessions,
                     .users = users,
                     .directory = directory,
                     .hasher = hasher,
                     .tokens = tokens,
                     .limit = limit,
                     .clock = clock,
                     .revoked = {}}) {}

Sessions::~Sessions() = default;

void Sessions::on_ended(std::function<void(Uuid)> ended) { impl_->ended = std::move(ended); }

Task<Result<SignedIn>> Sessions::sign_in(std::string name, std::string password, std::string device,
                                         std::string ip) {
  const auto device_length = utf8_length(device);
  if (!device_length || *device_length > kDeviceCodePointsMax) {
    co_return fail_field("device", "must be at most 64 characters");
  }
  auto attempt = impl_->limit.begin(ip, name);
  if (!attempt) co_return forward(attempt);

  std::optional<User> user;
  if (is_valid_name(name)) {
    auto found = co_await impl_->users.find_by_name(std::move(name));
    if (!found) co_return forward(found);
    user = std::move(*found);
  }
  // Whoever cannot sign in costs a comparison like everybody else.
  const bool possible = user && may_sign_in(*user) && password.size() <= kPasswordBytesMax;
  std::string hash = possible ? user->password_hash : std::string();
  if (password.size() > kPasswordBytesMax) password.resize(kPasswordBytesMax);
  const auto verified = co_await impl_->hasher.verify(std::move(password), std::move(hash));
  if (!verified) co_return forward(verified);
  if (!*verified) {
    attempt->failed();
    co_return bad_credentials();
  }

  auto session = co_await issue(*user, std::move(device));
  if (!session) co_return forward(session);
  co_return SignedIn{std::move(*user), std::move(*session)};
}

Task<Result<IssuedSession>> Sessions::issue(User user, std::string device) {
  Session session;
  session.id = SessionId{Uuid::v4()};
  session.user = user.id;
  session.device = std::move(device);
  session.created_at = impl_->clock.now();
  session.last_seen = session.created_at;
  session.refresh_salt = random_bytes(kSaltBytes);
  std::string refresh_token = refresh_token_of(session, random_bytes(kSeedBytes));
  session.refresh_hash = hash_of_secret_token(refresh_token);
  const auto created = co_await impl_->store.create(session);
  if (!created) co_return forward(created);
  co_return impl_->issued(user, session.id, std::move(refresh_token));
}

Task<Result<IssuedSession>> Sessions::refresh(std::string refresh_token) {
  const auto id = id_of_secret_token(kRefreshTokenPrefix, refresh_token);
  if (!id) co_return unauthenticated();
  const std::string hash = hash_of_secret_token(refresh_token);

  for (int i = 0; i < kRaceTriesMax; ++i) {
    auto found = co_await impl_->store.find(SessionId{*id});
    if (!found) co_return forward(found);
    if (!*found || (*found)->ended_at) co_return unauthenticated();
    Session session = std::move(**found);
    const auto user = co_await impl_->users.find(session.user);
    if (!user) co_return forward(user);
    if (!*user || !may_sign_in(**user)) co_return unauthenticated();

    const Time now = impl_->clock.now();
    const bool is_current = hash == session.refresh_hash;
    const bool is_previous = hash == session.previous_refresh_hash && now < session.previous_until;
    if (!is_current && !is_previous) {
      if (!was_issued(session, refresh_token)) co_return unauthenticated();
      log_warn("sessions.old_refresh_token_used", {{"session", session.id.to_string()}});
      const auto ended = co_await impl_->end(std::move(session));
      if (!ended) co_return forward(ended);
      co_return unauthenticated();
    }
    std::string successor = successor_of(session, refresh_token);
    if (is_previous) co_return impl_->issued(**user, session.id, std::move(successor));

    session.previous_refresh_hash = hash;
    session.previous_until = now + kRefreshGrace;
    session.refresh_hash = hash_of_secret_token(successor);
    session.last_seen = now;
    const SessionId session_id = session.id;
    const auto stored = co_await impl_->store.compare_and_set(std::move(session));
    if (!stored) co_return forward(stored);
    if (*stored) co_return impl_->issued(**user, session_id, std::move(successor));
    // Somebody was faster: perhaps with this very token, which is then the previous one.
  }
  co_return lost_every_race();
}

Task<Result<ListPage<ListedSession>>> Sessions::list(Caller caller, ListRequest request) {
  const auto start = start_of(request);
  if (!start) co_return forward(start);
  auto stored = co_await impl_->store.list(caller.user, SessionId{*start}, request.limit + 1);
  if (!stored) co_return forward(stored);

  ListPage<ListedSession> page;
  page.more = stored->size() > request.limit;
  if (page.more) stored->resize(request.limit);
  page.cursor =
      stored->empty() ? std::move(request.cursor) : encode_list_cursor(stored->back().id.value);
  for (Session& session : *stored) {
    const bool current = caller.session == session.id;
    page.items.push_back({std::move(session), current});
  }
  co_return page;
}

Task<Result<void>> Sessions::end(Caller caller, SessionId session) {
  auto found = co_await impl_->store.find(session);
  if (!found) co_return forward(found);
  if (!*found || (*found)->user != caller.user) co_return fail(ErrorCode::UnknownSession);
  co_return co_await impl_->end(std::move(**found));
}

Task<Result<void>> Sessions::end_all(UserId user, std::optional<SessionId> except) {
  SessionId after{};
  for (;;) {
    auto sessions = co_await impl_->store.list(user, after, kPageLimitMax);
    if (!sessions) co_return forward(sessions);
    if (sessions->empty()) co_return {};
    after = sessions->back().id;
    for (Session& session : *sessions) {
      if (session.id == except) continue;
      const auto ended = co_await impl_->end(std::move(session));
      if (!ended) co_return forward(ended);
    }
  }
}

Task<Result<void>> Sessions::revoke_key(ServiceKey key) {
  const KeyId id = key.id;
  if (!key.revoked_at) {
    key.revoked_at = impl_->clock.now();
    const auto stored = co_await impl_->store.put_key(std::move(key));
    if (!stored) co_return forward(stored);
  }
  co_return co_await impl_->revoke(id.value);
}

Task<Result<Caller>> Sessions::authenticate(std::string token) {
  std::shared_ptr<const Proof> proof;
  if (auto hit = impl_->proofs.get(token, 0, impl_->clock.monotonic())) {
    proof = std::move(hit->value);
  } else if (token.starts_with(kServiceKeyPrefix)) {
    auto proven = co_await impl_->prove_key(std::move(token));
    if (!proven) co_return forward(proven);
    proof = std::move(*proven);
  } else {
    auto proven = co_await impl_->prove_session(std::move(token));
    if (!proven) co_return forward(proven);
    proof = std::move(*proven);
  }
  if (proof->expires_at <= impl_->clock.now()) co_return fail(ErrorCode::TokenExpired);
  const auto refused = proof->caller.key ? key_is_not_good() : unauthenticated();
  if (impl_->revoked.contains(proof->revocable())) co_return refused;

  const auto user = co_await impl_->directory.user(proof->caller.user);
  if (!user) {
    if (user.error().code == ErrorCode::UnknownUser) co_return refused;
    co_return forward(user);
  }
  if ((*user)->disabled) co_return refused;
  impl_->note_seen(*proof, **user);
  Caller caller = proof->caller;
  caller.admin = (*user)->admin;
  co_return caller;
}

Task<Result<void>> Sessions::refresh_revocations() {
  const Instant began = impl_->clock.monotonic();
  const Time now = impl_->clock.now();
  const std::int64_t read_ms = impl_->revocations_read_ms;
  const Time since =
      read_ms == 0 ? now - kRevocationsKept : std::min(now, from_ms(read_ms)) - kRevocationsOverlap;
  const auto revocations = co_await impl_->store.revoked_since(since);
  if (!revocations) co_return forward(revocations);
  for (const Revocation& revocation : *revocations) {
    impl_->learn(revocation);
  }
  impl_->revoked.forget_before(now - kRevocationsKept);
  impl_->revocations_read_ms = to_ms(now);
  impl_->revocations_read_at = began;
  co_return {};
}

bool Sessions::knows_revocations() const {
  const Instant read_at = impl_->revocations_read_at;
  return read_at != Instant::min() && impl_->clock.monotonic() - read_at < kRevocationsKnownFor;
}

Task<Result<std::size_t>> Sessions::forget_ended() {
  co_return co_await impl_->store.forget_ended(impl_->clock.now() - kEndedKept, kForgottenPerCall);
}

Task<void> Sessions::stop() {
  impl_->stopping = true;
  co_await impl_->tasks.join();
}

}  // namespace tidings

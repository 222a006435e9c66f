#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "core/directory.h"
#include "core/list_page.h"
#include "core/sign_in_limit.h"
#include "model/user.h"
#include "ports/secrets.h"
#include "ports/session_store.h"
#include "ports/user_store.h"

namespace tidings {

// What a client that signed in or refreshed is given; its tokens are shown this once.
struct IssuedSession {
  SessionId id;
  std::string access_token;
  Time expires_at;  // of the access token
  std::string refresh_token;
};

struct SignedIn {
  User user;
  IssuedSession session;
};

struct ListedSession {
  Session session;
  bool current = false;  // the one that asks
};

// Who is signed in, and who is calling.
//
// An access token lives for 15 minutes and is believed without asking the store, so a session that
// ends early is revoked: every process reads the revocations every 2 s and refuses its tokens.
//
//   refresh token   tdr_<session id, 32 hex digits>_<secret, 43 characters>
//   service key     tdg_<key id, 32 hex digits>_<secret, 43 characters>
//
// Safe from any thread, but for `on_ended`. Must be stopped before it is destroyed.
class Sessions {
 public:
  Sessions(SessionStore& sessions, UserStore& users, Directory& directory, PasswordHasher& hasher,
           const AccessTokens& tokens, SignInLimit& limit, const Clock& clock);
  ~Sessions();

  // `ended` is called with the id of each session or service key that ends, here or elsewhere (then
  // within 2 s, and perhaps more than once), so that gateways close its sockets. Set before the
  // first call of any other method; called on any thread, and must not block.
  void on_ended(std::function<void(Uuid)> ended);

  // Starts a session. An unknown name, a wrong password, a service, a disabled and an ended account
  // answer the same after the same time.
  //
  // Errors: BadCredentials; TooManyRequests after ten failures a minute of this address and name;
  // InvalidRequest naming `device` (over 64 code points); Unavailable
  Task<Result<SignedIn>> sign_in(std::string name, std::string password, std::string device,
                                 std::string ip);

  // Starts a session of somebody who has just been proven to be `user`. Errors: Unavailable
  Task<Result<IssuedSession>> issue(User user, std::string device);

  // Gives the successor of a refresh token and a new access token. The token before stays good for
  // 60 s, as long as its successor was not used, and gives the same successor again. One that was
  // issued earlier has been stolen, now or when it was used: the session ends. Whatever else names
  // the session proves nothing, and is only refused.
  //
  // Errors: Unauthenticated, Unavailable
  Task<Result<IssuedSession>> refresh(std::string refresh_token);

  // The caller's sessions that have not ended, by id.
  // Errors: InvalidRequest, InvalidCursor, Unavailable
  Task<Result<ListPage<ListedSession>>> list(Caller caller, ListRequest request);

  // Ends one of the caller's sessions; its tokens are refused here at once and everywhere within
  // 5 s. Ending it again is a success.
  //
  // Errors: UnknownSession (also somebody else's), Unavailable
  Task<Result<void>> end(Caller caller, SessionId session);

  // Ends all sessions of a user but one. Errors: Unavailable; then some may have ended
  Task<Result<void>> end_all(UserId user, std::optional<SessionId> except);

  // Refuses a service key from now on. Errors: Unavailable
  Task<Result<void>> revoke_key(ServiceKey key);

  // Who calls with this access token or service key. A token is verified once and then remembered;
  // a disabled or ended account is refused within 5 s. Being authenticated is being seen, which is
  // written at most once a minute, after the answer.
  //
  // Errors: Unauthenticated, TokenExpired, Unavailable
  Task<Result<Caller>> authenticate(std::string token);

  // Learns which sessions and keys have ended anywhere. Called every 2 s. Errors: Unavailable
  Task<Result<void>> refresh_revocations();
  // Whether it succeeded within the last 30 s. A process of which that is false is not ready.
  bool knows_revocations() const;

  // Forgets sessions that ended a week ago, at most a thousand a call; until then ending them again
  // is a success. Returns how many. Errors: Unavailable
  Task<Result<std::size_t>> forget_ended();

  // Waits for writes under way; none is started afterwards.
  Task<void> stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidings

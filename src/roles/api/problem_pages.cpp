#include "roles/api/problem_pages.h"

#include <array>

#include "wire/http_error.h"

namespace tidings {
namespace {

struct Page {
  std::string_view means;
  std::string_view to_do;
};

// In the order of ErrorCode.
constexpr std::array<Page, kErrorCodeCount> kPages = {{
    {"The request breaks a rule of the contract: its JSON, a field, a parameter or a limit.",
     "<code>errors</code> names each field and what it must be. Correct it; repeating the same "
     "request changes nothing."},
    {"The cursor can't be read, is another group's, or is not one for this call.",
     "Start again without a cursor: you are given a new one and miss nothing."},
    {"There was no token, or one that is not (or no longer) good: the session has ended.",
     "Send <code>Authorization: Bearer &lt;token&gt;</code>. Refresh the session, or sign in "
     "again."},
    {"The name or the password is wrong. Which of the two is not said.",
     "Ask the person again. After ten failures a minute further tries are refused for a while."},
    {"The access token was good until it expired; it lives for 15 minutes.",
     "Refresh it with <code>POST /v1/sessions/refresh</code> and repeat the request."},
    {"You are known, but your role does not allow this.",
     "Ask an owner or a moderator of the group. Repeating the request changes nothing."},
    {"The person does not take messages or invitations from you.",
     "Nothing: this is theirs to decide."},
    {"Reactions work only in groups whose members are told of each change.",
     "Send a message instead; groups of more than 100 members take no reactions."},
    {"This server makes no accounts for people who ask.", "Ask whoever runs it."},
    {"There is no such group, or you are not in it: the two are not told apart.",
     "Check the id. If you were a member, you left or were removed: forget the group."},
    {"Nobody has this name, or the account has ended.", "Check the name; it starts with @."},
    {"There is no such message in this group that you may see.",
     "Check the id and the group. It may have been said before you joined."},
    {"You have no such session.", "List your sessions."},
    {"There is nothing at this address.",
     "Check the path against <a href=\"/v1/openapi.json\">the description of the API</a>."},
    {"The address exists but does not take this method.", "The header Allow lists those it takes."},
    {"The request did not arrive in time.", "Send it again, over a better connection."},
    {"The id is taken by something with other content. Nothing was changed.",
     "If this is a retry, send exactly what you sent before. If not, mint a new id."},
    {"Somebody has this name already; names are unique for ever.", "Choose another name."},
    {"A group that has members has an owner, and you are its last.",
     "Make somebody else an owner first, or delete the group."},
    {"The request is larger than 256 KiB.", "Send less: split a text into several messages."},
    {"The body is not JSON.", "Send it as <code>application/json</code> in UTF-8."},
    {"The message was sent more than 10 seconds in the future.",
     "Correct your clock by <code>server_time</code>, mint a new id and send again."},
    {"The message was sent more than 30 days ago.",
     "Only services that may import can store messages that old."},
    {"A text has at most 10,000 characters and 40,000 bytes.", "Split it into several messages."},
    {"The password is too short, or one of the commonest.",
     "Choose another one, of at least 8 characters."},
    {"A message takes at most 20 different reactions.", "Use one of those that are there."},
    {"This address speaks WebSocket only.",
     "Connect with a WebSocket client and the sub-protocol <code>tidings.v1</code>."},
    {"You did this too often; your bucket of tokens is empty.",
     "Wait as long as <code>Retry-After</code> and <code>retry_after_ms</code> say, then go on. "
     "The "
     "headers RateLimit-Policy and RateLimit tell you beforehand."},
    {"The headers are larger than 16 KiB, or more than 100.", "Send fewer."},
    {"Something broke inside. It was logged under the <code>request_id</code>.",
     "Try again later. If it stays, tell whoever runs the server, with the request id."},
    {"The server could not finish in time. It is unknown whether anything was stored.",
     "Wait as long as <code>Retry-After</code> says and repeat the request with the same id: that "
     "is "
     "safe."},
}};

}  // namespace

std::string problem_page(ErrorCode code) {
  const Page& page = kPages.at(static_cast<std::size_t>(code));
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>";
  html += problem_title(code);
  html += "</title>\n<h1>";
  html += problem_title(code);
  html += "</h1>\n<p><code>";
  html += code_name(code);
  html += "</code>, status " + std::to_string(http_status(code)) + "</p>\n<p>";
  html += page.means;
  html += "</p>\n<p>";
  html += page.to_do;
  html += "</p>\n</html>\n";
  return html;
}

}  // namespace tidings

#include "wire/operation_json.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

User account(std::string name) {
  User user;
  user.name = std::move(name);
  return user;
}

TEST(OperationJson, SaysWhereTheNextPageBeginsOnlyIfThereIsOne) {
  EXPECT_EQ(encode_accounts({}, std::nullopt), R"({"accounts":[],"more":false})");
  EXPECT_TRUE(
      encode_accounts({account("alice")}, "alice").ends_with(R"(],"more":true,"next":"alice"})"));
  EXPECT_EQ(encode_services({{}, "weather"}), R"({"services":[],"more":true,"next":"weather"})");
}

TEST(OperationJson, ShowsNothingOfAKeyByWhichItCouldBeUsed) {
  ServiceKey key;
  key.secret_hash = "the hash";
  key.send_burst = 5;
  key.send_per_seconds = 10;
  ListedService service{account("weather"), {key}};
  service.service.password_hash = "the hash";
  const std::string shown = encode_services({{service}, std::nullopt});
  EXPECT_NE(shown.find(R"("rate":"5/10")"), std::string::npos);
  EXPECT_EQ(shown.find("hash"), std::string::npos);
  EXPECT_EQ(encode_account(service.service).find("hash"), std::string::npos);
}

TEST(OperationJson, ShowsEachFigure) {
  ServerFigures figures;
  figures.process = "api here:7400 1f";
  figures.role = "api";
  figures.version = "7";
  figures.up_seconds = 1;
  figures.stored = 2;
  figures.throttled = 3;
  figures.changed_sent = 4;
  figures.queue_waiting = 5;
  figures.queue_leased = 6;
  figures.connections = 7;
  figures.sockets = 8;
  figures.commits = 9;
  figures.commit_us = 10;
  figures.store_disk_bytes = 11;
  figures.store_messages = 12;
  figures.busy_groups = {{GroupId{}, 13}};
  EXPECT_EQ(encode_figures(figures, Time()),
            R"({"server_time":"1970-01-01T00:00:00.000Z","process":"api here:7400 1f",)"
            R"("role":"api","version":"7","up_seconds":1,"stored":2,"throttled":3,)"
            R"("changed_sent":4,"queue_waiting":5,"queue_leased":6,"connections":7,"sockets":8,)"
            R"("commits":9,"commit_us":10,"store_disk_bytes":11,"store_messages":12,)"
            R"("busy_groups":[{"id":"00000000-0000-0000-0000-000000000000","per_minute":13}]})");
}

TEST(OperationJson, RefusesAWishThatSaysNothingOrTooMuch) {
  EXPECT_EQ(decode_disabled(R"({"disabled":true})"), true);
  for (const char* body : {"{}", R"({"disabled":null})", R"({"disabled":true,"a":1})", "[]", ""}) {
    EXPECT_EQ(decode_disabled(body).error().code, ErrorCode::InvalidRequest) << body;
  }
}

}  // namespace
}  // namespace tidings

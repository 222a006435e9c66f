#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ports/presence.h"

namespace tidings {

// What this process knows of the gateways it has met: which life each is in, since when it is not
// known to live, and which of them to ask about.
//
// Safe from any thread.
class GatewayLives {
 public:
  static constexpr milliseconds kBelievedFor = seconds(1);
  static constexpr milliseconds kSilentFor = std::chrono::minutes(1);
  static constexpr milliseconds kRememberedSilentFor = std::chrono::minutes(10);
  static constexpr std::size_t kRememberedMax = 256;

  explicit GatewayLives(const Clock& clock) : clock_(clock) {}

  // The addresses that were met lately and must be asked about before they are believed again.
  std::vector<std::string> to_ask() const;
  // The life that an address is in now, or none; `asked_at` is when the question was put.
  void learn(const std::string& address, std::optional<std::uint64_t> incarnation,
             Instant asked_at);

  enum class Verdict : std::uint8_t { Lives, Silent, Gone };
  // Gone: it is in another life, or nobody has seen it alive for a minute.
  Verdict judge(const GatewayId& gateway) const;

 private:
  struct Life {
    std::optional<std::uint64_t> incarnation;
    Instant asked_at;
    Instant silent_since;  // while there is no incarnation
    bool is_forgotten(Instant now) const {
      return !incarnation && now - silent_since >= kRememberedSilentFor;
    }
  };

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Life> lives_;
};

}  // namespace tidings

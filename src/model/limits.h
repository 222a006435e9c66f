#pragma once

#include <chrono>
#include <cstddef>

#include "base/clock.h"

// Every number of the outside contract. A test stands at each limit and one beyond it.
namespace tidings {

// Messages.
inline constexpr std::size_t kTextCodePointsMax = 10'000;
inline constexpr std::size_t kTextBytesMax = 40'000;
inline constexpr std::size_t kTargetsMax = 10;
inline constexpr std::size_t kLinksMax = 20;
inline constexpr std::size_t kLinkCharactersMax = 2'048;
inline constexpr std::size_t kMentionsMax = 20;
inline constexpr std::size_t kMetadataBytesMax = 4'096;
inline constexpr std::size_t kCiphertextBytesMax = 64 * 1024;
inline constexpr std::size_t kSchemeCharactersMax = 64;
inline constexpr std::size_t kEmojiBytesMax = 32;
inline constexpr std::size_t kEmojiPerMessageMax = 20;

// Requests and answers.
inline constexpr std::size_t kRequestBodyBytesMax = 256 * 1024;
inline constexpr std::size_t kJsonDepthMax = 16;
inline constexpr std::size_t kAnswerBytesMax = 1024 * 1024;
inline constexpr std::size_t kPageLimitMax = 200;
inline constexpr std::size_t kPageLimitDefault = 50;
inline constexpr std::size_t kPullGroupsMax = 100;
inline constexpr std::size_t kIdsPerReadMax = 100;
inline constexpr std::size_t kStatusUsersMax = 100;
inline constexpr std::size_t kStatusWithMax = 50;
inline constexpr std::size_t kUnreadMax = 100;
inline constexpr std::size_t kCursorCharactersMax = 512;
inline constexpr std::size_t kDigestRowsMax = 10'000;
inline constexpr std::size_t kDigestIdsMax = 256;
inline constexpr std::size_t kRoundRowsMax = 1'000;

// People and groups.
inline constexpr std::size_t kNameCharactersMin = 2;
inline constexpr std::size_t kNameCharactersMax = 32;
inline constexpr std::size_t kDisplayNameCodePointsMax = 64;
inline constexpr std::size_t kStatusTextCodePointsMax = 100;
inline constexpr std::size_t kPasswordCodePointsMin = 8;
inline constexpr std::size_t kPasswordBytesMax = 256;
inline constexpr std::size_t kDeviceCodePointsMax = 64;
inline constexpr std::size_t kGroupNameCodePointsMax = 100;
inline constexpr std::size_t kGroupDescriptionCodePointsMax = 1'000;
inline constexpr std::size_t kMembersAtCreationMax = 50;
// A group is pushed up to this size, polled above it, and pushed again below the second.
inline constexpr std::size_t kPushSizeMax = 100;
inline constexpr std::size_t kPushAgainSize = 90;
inline constexpr seconds kToldAfterFlip{60};
inline constexpr seconds kSettledAfterFlip{6};

// The two axes of time.
inline constexpr milliseconds kClockAheadMax = seconds(10);
inline constexpr milliseconds kTooOldAfter = std::chrono::hours(24 * 30);
inline constexpr milliseconds kLateAfter = seconds(5);
inline constexpr milliseconds kReadFirstAfter = seconds(1);
inline constexpr milliseconds kRememberIdFor = seconds(60);
inline constexpr milliseconds kWriteDeadline = seconds(2);
inline constexpr milliseconds kClockSkewMax = seconds(1);
// How far behind a watermark a round reads: what was on time, and what was late.
inline constexpr milliseconds kSentOverlap = kLateAfter + kWriteDeadline + kClockSkewMax;
inline constexpr milliseconds kLateOverlap = kWriteDeadline + kClockSkewMax;
inline constexpr milliseconds kCountSlot = milliseconds(250);
inline constexpr milliseconds kRoundReuseMax = seconds(1);

// Sessions.
inline constexpr seconds kAccessTokenLife = std::chrono::minutes(15);
inline constexpr seconds kRefreshGrace = seconds(60);
inline constexpr seconds kSeenWithin = seconds(60);

}  // namespace tidings

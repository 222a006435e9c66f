// A frame from a client of the notification socket: whatever it is, it is one of the two or
// refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.h"
#include "wire/notification_json.h"

using namespace tidings;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto frame = decode_client_frame({reinterpret_cast<const char*>(data), size});
  if (!frame) return 0;
  const AckFrame* const ack = std::get_if<AckFrame>(&*frame);
  ensure(ack == nullptr || ack->n > 0, "an ack names a change");
  return 0;
}

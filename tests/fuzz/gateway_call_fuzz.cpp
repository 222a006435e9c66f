// A call from another notification worker: whatever it is, it is refused, or within its bounds and
// read again as it was.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.h"
#include "wire/gateway_call_json.h"

using namespace tidings;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto call = decode_gateway_call({reinterpret_cast<const char*>(data), size});
  if (!call) return 0;
  ensure(call->changed.size() <= GatewayCall::kGroupsMax, "a call has a bound");
  const std::string written = encode_gateway_call(*call);
  const auto again = decode_gateway_call(written);
  ensure(again.has_value(), "what was written can be read");
  ensure(encode_gateway_call(*again) == written, "and is the same");
  return 0;
}

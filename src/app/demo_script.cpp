#include "app/demo_script.h"

#include <algorithm>

namespace tidings {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t kMira = 1;
constexpr std::size_t kYusuf = 2;
constexpr std::size_t kHana = 3;
constexpr std::size_t kPriya = 4;

constexpr DemoRole kRoles[] = {
    {"tidings.guide", "Guide"}, {"demo.mira", "Mira Okafor"}, {"demo.yusuf", "يوسف حداد"},
    {"demo.hana", "佐藤 花"},   {"demo.priya", "प्रिया राव"},
};

constexpr DemoLine kLines[] = {
    {.role = kMira,
     .ago = hours(26),
     .text = "Who is in for the lake on Saturday? The train leaves at **9:12**, and we are back by "
             "six."},
    {.role = kYusuf,
     .ago = hours(26) - minutes(2),
     .text = "أنا معكم! سأحضر القهوة ☕",
     .emoji = "🎉"},
    {.role = kHana, .ago = hours(26) - minutes(3), .text = "行きます！おにぎりを作りますね 🍙"},
    {.role = kPriya, .ago = hours(26) - minutes(7), .text = "मैं भी आ रही हूँ। क्या किसी के पास नक्शा है?"},
    {.role = kMira,
     .ago = hours(26) - minutes(9),
     .text =
         "I have one. To bring:\n\n- boots, it rained all week\n- something warm\n- a towel for "
         "the brave",
     .reply_to = 3},
    {.role = kHana, .ago = hours(3), .text = "The forecast says sun until four 🌤️"},
    {.role = kYusuf,
     .ago = hours(3) - minutes(2),
     .on_its_way = minutes(14),
     .text =
         "I write this in a tunnel, so it will reach you late. It still belongs *here*, where I "
         "said it."},
    {.role = kMira, .ago = hours(3) - minutes(5), .text = "Then Saturday it is. Platform 4!"},
    {.role = kPriya,
     .ago = hours(3) - minutes(20),
     .text = "There is Yusuf's message, above yours and marked late. Nothing is missing."},
};

constexpr std::string_view kAnswers[] = {
    "That was on the disk before I answered. Now open this page in a second window and write "
    "there: "
    "both stay the same.",
    "Switch your network off and write three messages. They wait here, and arrive once each, in "
    "their place, when it is back.",
    "The small mark beside the group's name says *complete* once your device and the server have "
    "compared sums of all message ids. Open it to see what was compared.",
    "Hover over a message, or focus it with the arrow keys: react to it, answer it, or edit one of "
    "your own.",
};
constexpr std::string_view kLastAnswer =
    "I am a small program and have said all I know. A bot of your own speaks the same API: begin "
    "with `tidings admin service create`.";

}  // namespace

std::span<const DemoRole> demo_roles() { return kRoles; }
std::span<const DemoLine> demo_lines() { return kLines; }

std::string demo_greeting(std::string_view display_name) {
  return "Hello, " + std::string(display_name) +
         "! This group is for trying things out, and only you and we can see it. Write something, "
         "and I answer.";
}

std::string_view demo_answer(std::size_t answered) {
  return answered < std::size(kAnswers) ? kAnswers[answered] : kLastAnswer;
}

}  // namespace tidings

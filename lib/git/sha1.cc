#include "git/sha1.hh"

#include <array>
#include <bit>
#include <cstdint>

namespace ga::git {

namespace {

using State = std::array<std::uint32_t, 5>;

constexpr std::size_t block_size = 64;

std::uint32_t big_endian(const unsigned char* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

void append_big_endian(std::string& text, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
}

// One of the four rounds of 20 steps. Five steps bring every word back to its place, so that none is moved about.
template <typename Mix>
void round(State& state, const std::uint32_t* words, std::uint32_t constant, Mix mix) {
  auto [a, b, c, d, e] = state;
  const auto step = [&](auto a, auto& b, auto c, auto d, auto& e, std::uint32_t word) {
    e += std::rotl(a, 5) + mix(b, c, d) + constant + word;
    b = std::rotl(b, 30);
  };
  for (const std::uint32_t* end = words + 20; words != end; words += 5) {
    step(a, b, c, d, e, words[0]);
    step(e, a, b, c, d, words[1]);
    step(d, e, a, b, c, words[2]);
    step(c, d, e, a, b, words[3]);
    step(b, c, d, e, a, words[4]);
  }
  state = {a, b, c, d, e};
}

void add_block(State& state, const unsigned char* block) {
  std::uint32_t words[80];
  for (int i = 0; i < 16; ++i) words[i] = big_endian(block + 4 * i);
  for (int i = 16; i < 80; ++i) words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  State s = state;
  round(s, words, 0x5a827999, [](auto b, auto c, auto d) { return (b & c) | (~b & d); });
  round(s, words + 20, 0x6ed9eba1, [](auto b, auto c, auto d) { return b ^ c ^ d; });
  round(s, words + 40, 0x8f1bbcdc, [](auto b, auto c, auto d) { return (b & c) | (b & d) | (c & d); });
  round(s, words + 60, 0xca62c1d6, [](auto b, auto c, auto d) { return b ^ c ^ d; });
  for (int i = 0; i < 5; ++i) state[i] += s[i];
}

}  // namespace

std::string sha1(std::string_view bytes) {
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t done = 0;
  for (; bytes.size() - done >= block_size; done += block_size) add_block(state, data + done);
  std::string tail(bytes.substr(done));
  tail += '\x80';
  while (tail.size() % block_size != block_size - 8) tail += '\0';
  append_big_endian(tail, std::uint64_t{bytes.size()} * 8, 8);
  for (std::size_t at = 0; at < tail.size(); at += block_size) {
    add_block(state, reinterpret_cast<const unsigned char*>(tail.data()) + at);
  }
  std::string result;
  for (const std::uint32_t word : state) append_big_endian(result, word, 4);
  return result;
}

}  // namespace ga::git

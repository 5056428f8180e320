#include "chip/quantity.h"

#include <gtest/gtest.h>

namespace isobar::chip {
namespace {

using enum Dimension;

TEST(Quantity, ReadsEveryUnitOfItsDimension) {
  EXPECT_EQ(parse_quantity("1.6 GHz", kFrequency), 1.6e9);
  EXPECT_EQ(parse_quantity("128 KiB", kBytes), 131072.0);
  EXPECT_EQ(parse_quantity("128 kB", kBytes), 128000.0);
  EXPECT_EQ(parse_quantity("0.5KiB", kBytes), 512.0);
  EXPECT_EQ(parse_quantity("400 GB/s", kBandwidth), 400e9);
  EXPECT_DOUBLE_EQ(parse_quantity("5 us", kTime).value_or(0), 5e-6);
  EXPECT_EQ(parse_quantity("128 B/cycle", kBytesPerCycle), 128.0);
  EXPECT_EQ(parse_quantity("1979 TOP/s", kRate), 1979e12);
  EXPECT_EQ(parse_quantity("989.5 TFLOP/s", kRate), 989.5e12);
  EXPECT_EQ(parse_quantity("814 mm2", kArea), 814.0);
  EXPECT_EQ(parse_quantity("0.7 kW", kPower), 700.0);
}

TEST(Quantity, IsStrict) {
  for (const char* text : {"",          " ",       "128",       "KiB",     "128  KiB", " 128 KiB",
                           "128 KiB ",  "128 kib", "128 Kib",   "-1 KiB",  "+1 KiB",   "1e3 KiB",
                           "1. KiB",    ".5 KiB",  "1.2.3 KiB", "nan KiB", "inf KiB",  "0x10 KiB",
                           "1,000 KiB", "1.3 B",   "128 GHz",   "1 KiB/s"})
    EXPECT_FALSE(parse_quantity(text, kBytes).has_value()) << text;
  EXPECT_FALSE(parse_quantity(std::string(400, '9') + " GHz", kFrequency).has_value());
  EXPECT_FALSE(parse_quantity("4", kCount).has_value());
}

TEST(Quantity, PrintsWhatItReads) {
  EXPECT_EQ(format_quantity(1.6e9, kFrequency), "1.6 GHz");
  EXPECT_EQ(format_quantity(131072, kBytes), "128 KiB");
  EXPECT_EQ(format_quantity(1000, kBytes), "1 kB");
  EXPECT_EQ(format_quantity(80e9, kBytes), "80 GB");
  EXPECT_EQ(format_quantity(80 * 0x1p30, kBytes), "80 GiB");
  EXPECT_EQ(format_quantity(1001, kBytes), "1001 B");
  EXPECT_EQ(format_quantity(3.35e12, kBandwidth), "3.35 TB/s");
  EXPECT_EQ(format_quantity(2e-6, kTime), "2 us");
  EXPECT_EQ(format_quantity(0, kTime), "0 ps");
  EXPECT_EQ(format_quantity(1.69e-12, kEnergy), "1.69 pJ");
  for (const double bytes : {1.0, 1023.0, 1024.0, 1536.0, 0x1p40})
    EXPECT_EQ(parse_quantity(format_quantity(bytes, kBytes), kBytes), bytes);
}

TEST(Quantity, NamesItsUnits) {
  EXPECT_EQ(unit_names(kFrequency), "Hz, kHz, MHz, GHz");
  EXPECT_EQ(unit_names(kCount), "");
}

}  // namespace
}  // namespace isobar::chip

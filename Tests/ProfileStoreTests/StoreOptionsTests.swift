import Testing

@testable import ProfileStore

/// Blocks are chunks of bitmaps, or parts of one.
struct StoreOptionsTests {
  @Test(arguments: [
    (-3, 1), (0, 1), (1, 1), (7, 7), (1_023, 1_023), (1_024, 1_024), (1_025, 1_024), (2_047, 1_024),
    (2_048, 2_048), (4_095, 3_072), (4_096, 4_096), (1 << 40, 4_096),
  ])
  func `profiles of a block are cut to what may be`(wanted: Int, cut: Int) {
    #expect(StoreOptions(blockProfileCount: wanted).blockProfileCount == cut)
    #expect(StoreOptions.isBlockProfileCount(cut))
    #expect(StoreOptions.isBlockProfileCount(wanted) == (wanted == cut))
  }
}

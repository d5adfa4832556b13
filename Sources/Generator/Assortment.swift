import Bytes

/// The products of the shop, the same for every seed; they sell by Zipf's law, the first ones most.
struct Assortment: Sendable {
  struct Product: Sendable {
    /// Hundredths.
    var price: Int
    var sku: [UInt8]
    var name: [UInt8]
    /// The name with quotes where CSV needs them.
    var csvName: [UInt8]
    var category: [UInt8]
  }

  static let productCount = 5_000

  let products: [Product]
  private let ranks = Zipf(count: Assortment.productCount)

  init() {
    let styles = ["Trail", "City", "Alpine", "Nordic", "Urban", "Coastal", "Summit", "Everyday"]
    let kinds = [
      ("Running Shoe", "shoes"), ("Rain Jacket", "clothing"), ("Yoga Mat", "fitness"),
      ("Backpack, 40 l", "bags"), ("Water Bottle", "accessories"), ("Tent, 2 persons", "camping"),
      ("Wool Socks", "clothing"), ("Bike Light", "cycling"), ("Sleeping Bag", "camping"),
      ("Swim Goggles", "swimming"), ("Climbing Rope, 60 m", "climbing"), ("Cap", "accessories"),
    ]
    var random = SeededRandom(seed: 0x4153_534F_5254)
    products = (0..<Assortment.productCount).map { index in
      let kind = kinds[index % kinds.count]
      let name = styles[index / kinds.count % styles.count] + " " + kind.0
      return Product(
        price: 499 + min(random.below(30_000), random.below(30_000), random.below(30_000)),
        sku: Array("SKU-\(1_000 + index)".utf8),
        name: Array(name.utf8),
        csvName: Array((name.utf8.contains(UInt8(ascii: ",")) ? "\"\(name)\"" : name).utf8),
        category: Array(kind.1.utf8)
      )
    }
  }

  /// Draws a product.
  func draw(_ random: inout SeededRandom) -> Int { ranks.draw(&random) }
}

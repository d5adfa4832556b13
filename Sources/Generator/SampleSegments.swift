import Bytes

/// Definitions that make sense for generated rows, in the shape of the Segmentation Service.
enum SampleSegments {
  struct Definition {
    var id: String
    var name: String
    var description: String
    var expression: String
  }

  /// The definitions for rows of a format: lists of products are only in JSON lines.
  static func definitions(for format: GeneratorFormat) -> [Definition] {
    switch format {
    case .jsonLines: attributes + behaviour + sequences + combinations + lists
    case .csv: attributes + behaviour + sequences + combinations + flatProducts
    }
  }

  /// The definitions as a JSON array of objects.
  static func text(of definitions: [Definition]) -> [UInt8] {
    var writer = JSONWriter(.pretty)
    writer.beginArray()
    for definition in definitions {
      writer.beginObject()
      writer.name("id")
      writer.write(Text(definition.id))
      writer.name("name")
      writer.write(Text(definition.name))
      writer.name("description")
      writer.write(Text(definition.description))
      writer.name("schema")
      writer.beginObject()
      writer.name("name")
      writer.write("_xdm.context.profile" as Text)
      writer.endObject()
      writer.name("expression")
      writer.beginObject()
      writer.name("type")
      writer.write("PQL" as Text)
      writer.name("format")
      writer.write("pql/text" as Text)
      writer.name("value")
      writer.write(Text(definition.expression))
      writer.endObject()
      writer.endObject()
    }
    writer.endArray()
    return writer.bytes + [0x0A]
  }

  private static let attributes = [
    Definition(
      id: "north-america",
      name: "North America",
      description: "Live in Canada or the United States.",
      expression: #"homeAddress.countryCode in ["CA", "US"]"#
    ),
    Definition(
      id: "top-tiers",
      name: "Gold and platinum",
      description: "Are in the two highest tiers of the loyalty programme.",
      expression: #"loyalty.tier.equals("gold", "platinum")"#
    ),
    Definition(
      id: "overdrawn-points",
      name: "Redeemed more than they hold",
      description: "Redeemed more points than they have: a comparison of two fields.",
      expression: "loyalty.pointsRedeemed > loyalty.points"
    ),
    Definition(
      id: "reachable-by-email",
      name: "Reachable by email",
      description: "Agreed to marketing by email.",
      expression: #"consents.marketing.email.val = "y""#
    ),
    Definition(
      id: "new-customers",
      name: "New customers",
      description: "Their profile was created in the last 90 days.",
      expression: "_repo.createDate occurs <= 90 days before now"
    ),
    Definition(
      id: "birthday-this-month",
      name: "Birthday this month",
      description: "Were born in the month of the evaluation.",
      expression: "person.birthDate.getMonth() = currentMonth()"
    ),
    Definition(
      id: "unhappy-big-spenders",
      name: "Unhappy big spenders",
      description: "Spent 2,000 dollars in their life and are not satisfied.",
      expression: "_covey.lifetimeSpend >= 2000 and _covey.satisfaction <= 5"
    ),
    Definition(
      id: "gender-unknown",
      name: "Gender unknown",
      description: "Did not tell their gender.",
      expression: "person.gender.isNull()"
    ),
  ]

  private static let behaviour = [
    Definition(
      id: "active",
      name: "Active",
      description: "Did anything in the last 30 days.",
      expression: "exists E from xEvent where E.timestamp occurs <= 30 days before now"
    ),
    Definition(
      id: "silent",
      name: "Silent",
      description: "Did nothing in the whole year.",
      expression: "xEvent.count() = 0"
    ),
    Definition(
      id: "interested-not-bought",
      name: "Interested, not bought",
      description: "Looked at a product in the last 30 days, but made no purchase.",
      expression: """
        (exists E from xEvent where E.commerce.productViews.value > 0 \
        and E.timestamp occurs <= 30 days before now) \
        and not (exists E from xEvent where E.commerce.purchases.value > 0 \
        and E.timestamp occurs <= 30 days before now)
        """
    ),
    Definition(
      id: "one-time-buyers",
      name: "Bought once",
      description: "Made exactly one purchase.",
      expression: "xEvent[commerce.purchases.value > 0].count() = 1"
    ),
    Definition(
      id: "big-spenders",
      name: "Big spenders",
      description: "Spent 1,000 dollars or more in the year.",
      expression: "(sum E.commerce.order.priceTotal over E from xEvent) >= 1000"
    ),
    Definition(
      id: "spending-more",
      name: "Spending more",
      description: "Spent more in the last 90 days than in the 90 days before: two sums compared.",
      expression: """
        (sum E.commerce.order.priceTotal over E from xEvent \
        where E.timestamp occurs <= 90 days before now) > \
        (sum E.commerce.order.priceTotal over E from xEvent \
        where E.timestamp occurs <= 180 days before now \
        and not (E.timestamp occurs <= 90 days before now))
        """
    ),
    Definition(
      id: "high-average-order",
      name: "High average order",
      description: "An order costs 200 dollars or more on average.",
      expression: "(average E.commerce.order.priceTotal over E from xEvent) >= 200"
    ),
    Definition(
      id: "came-by-email",
      name: "Came by email",
      description: "Followed a link of any email campaign.",
      expression: #"exists E from xEvent where E.marketing.trackingCode like "email-%""#
    ),
    Definition(
      id: "mobile-only",
      name: "Mobile only",
      description: "Came with a phone and with nothing else.",
      expression: """
        (exists E from xEvent where E.device.type = "mobile") \
        and not (exists E from xEvent where E.device.type in ["desktop", "tablet"])
        """
    ),
    Definition(
      id: "christmas-shoppers",
      name: "Christmas shoppers",
      description: "Bought something between 1 and 24 December.",
      expression: """
        exists E from xEvent where E.commerce.purchases.value > 0 \
        and E.timestamp occurs between date(2025, 12, 1) and date(2025, 12, 24)
        """
    ),
    Definition(
      id: "searchers",
      name: "Searchers",
      description: "Searched the shop at least twice in the last half-year.",
      expression: """
        xEvent[search.keywords.isNotNull() \
        and timestamp occurs <= 6 months before now].count() >= 2
        """
    ),
  ]

  private static let sequences = [
    Definition(
      id: "cart-abandoners",
      name: "Cart abandoners",
      description: "Put a product into the cart and bought nothing after it.",
      expression: """
        chain(xEvent, timestamp, [added: WHAT(commerce.productListAdds.value > 0), \
        EXCLUDE bought: WHAT(commerce.purchases.value > 0)])
        """
    ),
    Definition(
      id: "from-view-to-purchase",
      name: "From view to purchase in an hour",
      description: "Viewed a product, added one to the cart and bought, within an hour.",
      expression: """
        chain(xEvent, timestamp, [viewed: WHAT(commerce.productViews.value > 0), \
        added: WHAT(commerce.productListAdds.value > 0), \
        bought: WHAT(commerce.purchases.value > 0) WHEN(<= 1 hour after viewed)])
        """
    ),
    Definition(
      id: "quick-repeat",
      name: "Came back within 30 days",
      description: "Bought again within 30 days of a purchase.",
      expression: """
        chain(xEvent, timestamp, [first: WHAT(commerce.purchases.value > 0), \
        second: WHAT(commerce.purchases.value > 0) WHEN(<= 30 days after first)])
        """
    ),
  ]

  private static let combinations = [
    Definition(
      id: "lapsed-big-spenders",
      name: "Lapsed big spenders",
      description: "Big spenders who bought nothing in the last 90 days.",
      expression: """
        inSegment("big-spenders") and not (exists E from xEvent \
        where E.commerce.purchases.value > 0 and E.timestamp occurs <= 90 days before now)
        """
    ),
    Definition(
      id: "win-back",
      name: "Win back",
      description: "Lapsed big spenders or cart abandoners who can be reached by email.",
      expression: """
        (inSegment("lapsed-big-spenders") or inSegment("cart-abandoners")) \
        and inSegment("reachable-by-email")
        """
    ),
  ]

  private static let lists = [
    Definition(
      id: "runners",
      name: "Runners",
      description: "Named running among their interests.",
      expression: #"_covey.interests.includes("running")"#
    ),
    Definition(
      id: "in-bulk",
      name: "In bulk",
      description: "Bought eight or more of one product in one order.",
      expression: """
        exists E from xEvent where E.commerce.purchases.value > 0 \
        and E.productListItems.exists(quantity >= 8)
        """
    ),
    Definition(
      id: "wide-interest",
      name: "Wide interest",
      description: "Saw 20 or more different products.",
      expression: "xEvent.productListItems.SKU.distinct().count() >= 20"
    ),
  ]

  private static let flatProducts = [
    Definition(
      id: "campers",
      name: "Campers",
      description: "Bought something for camping.",
      expression: """
        exists E from xEvent where E.commerce.purchases.value > 0 \
        and E.product.category = "camping"
        """
    ),
    Definition(
      id: "in-bulk",
      name: "In bulk",
      description: "Bought eight or more of one product in one order.",
      expression: """
        exists E from xEvent where E.commerce.purchases.value > 0 and E.product.quantity >= 8
        """
    ),
    Definition(
      id: "wide-interest",
      name: "Wide interest",
      description: "Saw 20 or more different products.",
      expression: "xEvent.product.SKU.distinct().count() >= 20"
    ),
  ]
}

import Bytes

/// One event, as indices and numbers; read by the writer before the next one is made of it.
struct Event {
  enum Kind: Int {
    case pageView
    case emailClick
    case search
    case productView
    case listAdd
    case listRemoval
    case checkout
    case purchase
    /// A message, an app, a film and the like: anything that touches no product.
    case contact
  }

  struct Item {
    var product: Int
    var quantity: Int
  }

  var customer = 0
  /// Index among the customer's events.
  var index = 0
  var timestamp = 0
  var kind = Kind.pageView
  /// Index into the devices; `nil` where nobody knows.
  var device: Int?
  /// Index into the campaigns that brought the visit.
  var campaign: Int?
  /// Index into the searches, for a search.
  var search = 0
  /// Index into the types of contacts, for a contact.
  var contact = 0
  /// What it is about: none for a page, one for a view, several for an order.
  var items: [Item] = []

  /// Decides the events of a session one after the other and hands each on.
  mutating func play(
    _ session: consuming Session,
    of member: Population.Member,
    _ words: Words,
    _ assortment: Assortment,
    _ body: (borrowing Event) throws -> Void
  ) rethrows {
    var random = session.random
    customer = member.number
    device = session.kind == .order || random.oneIn(12) ? nil : Event.device(&random)
    campaign = Event.campaign(session.kind, &random, words)
    timestamp = session.startedAt
    var product = assortment.draw(&random)
    for step in 0..<session.eventCount {
      index = session.firstEvent + step
      if step > 0 { timestamp += 1 + random.below(max(1, session.pauseMax)) }
      kind = Event.kind(session.kind, step, &random)
      items.removeAll(keepingCapacity: true)
      switch kind {
      case .pageView, .emailClick: break
      case .search: search = words.searchRanks.draw(&random)
      case .contact: contact = words.contactRanks.draw(&random)
      case .productView:
        if random.oneIn(2) { product = assortment.draw(&random) }
        items.append(Item(product: product, quantity: 1))
      case .listAdd, .listRemoval, .checkout: items.append(Item(product: product, quantity: 1))
      case .purchase:
        items.append(Item(product: product, quantity: Event.quantity(&random)))
        while items.count < 4, random.oneIn(3) {
          items.append(
            Item(product: assortment.draw(&random), quantity: Event.quantity(&random))
          )
        }
      }
      try body(self)
    }
  }

  private static func kind(_ session: Session.Kind, _ step: Int, _ random: inout SeededRandom)
    -> Kind
  {
    switch (session, step) {
    case (.order, _): .purchase
    case (.email, 0): .emailClick
    case (.contact, _): .contact
    case (_, 0): .pageView
    case (.glance, _): .pageView
    case (.email, _): .productView
    case (.browse, 1): random.oneIn(3) ? .search : .productView
    case (.browse, _): random.oneIn(4) ? .pageView : .productView
    case (.cart, 1), (.purchase, 1): .productView
    case (.cart, 2), (.purchase, 2): .listAdd
    case (.cart, 3): random.oneIn(3) ? .listRemoval : .checkout
    case (.cart, _): .pageView
    case (.purchase, 3): .checkout
    case (.purchase, 4): .purchase
    case (.purchase, _): .pageView
    }
  }

  private static func device(_ random: inout SeededRandom) -> Int {
    switch random.below(100) {
    case 0..<58: 0
    case 58..<91: 1
    default: 2
    }
  }

  private static func campaign(
    _ session: Session.Kind,
    _ random: inout SeededRandom,
    _ words: Words
  ) -> Int? {
    if session == .email { return random.below(3) }
    if session == .order || random.below(100) >= 30 { return nil }
    return random.below(words.campaigns.count)
  }

  /// Mostly 1, seldom up to 12.
  private static func quantity(_ random: inout SeededRandom) -> Int {
    min(1 + random.below(12), 1 + random.below(4), 1 + random.below(4)) + (random.oneIn(50) ? 8 : 0)
  }
}

/// Writes events as rows.
struct EventRows {
  let words: Words
  let assortment: Assortment

  static let csvHeader: StaticString = """
    _id,profileID,timestamp,eventType,commerce.productViews.value,commerce.productListAdds.value,\
    commerce.productListRemovals.value,commerce.checkouts.value,commerce.purchases.value,\
    commerce.order.purchaseID,commerce.order.priceTotal,product.SKU,product.name,product.category,\
    product.quantity,product.priceTotal,web.webPageDetails.name,search.keywords,device.type,\
    marketing.trackingCode

    """

  func appendJSON(_ event: borrowing Event, to row: inout TextBuffer) {
    row.literal(#"{"_id":""#)
    row.eventID(event.customer, event.index)
    row.literal(#"","profileID":""#)
    row.customerID(event.customer)
    row.literal(#"","timestamp":""#)
    row.instant(event.timestamp)
    row.literal(#"","eventType":""#)
    appendType(event, to: &row)
    row.byte("\"")
    appendCommerceJSON(event, to: &row)
    if !event.items.isEmpty {
      row.literal(#","productListItems":["#)
      for index in event.items.indices {
        if index > 0 { row.byte(",") }
        appendItemJSON(event.items[index], to: &row)
      }
      row.byte("]")
    }
    if hasPage(event) {
      row.literal(#","web":{"webPageDetails":{"name":""#)
      appendPage(event, to: &row)
      row.literal(#""}}"#)
    }
    if event.kind == .search {
      row.literal(#","search":{"keywords":""#)
      row.piece(words.searches[event.search])
      row.literal(#""}"#)
    }
    if let device = event.device {
      row.literal(#","device":{"type":""#)
      row.piece(words.devices[device])
      row.literal(#""}"#)
    }
    if let campaign = event.campaign {
      row.literal(#","marketing":{"trackingCode":""#)
      row.piece(words.campaigns[campaign])
      row.literal(#""}"#)
    }
    row.literal("}\n")
  }

  private func appendCommerceJSON(_ event: borrowing Event, to row: inout TextBuffer) {
    switch event.kind {
    case .pageView, .emailClick, .search, .contact: break
    case .productView: row.literal(#","commerce":{"productViews":{"value":1}}"#)
    case .listAdd: row.literal(#","commerce":{"productListAdds":{"value":1}}"#)
    case .listRemoval: row.literal(#","commerce":{"productListRemovals":{"value":1}}"#)
    case .checkout: row.literal(#","commerce":{"checkouts":{"value":1}}"#)
    case .purchase:
      row.literal(#","commerce":{"purchases":{"value":1},"order":{"purchaseID":""#)
      row.byte("O")
      row.eventID(event.customer, event.index)
      row.literal(#"","priceTotal":"#)
      row.hundredths(total(event))
      row.literal(#","currencyCode":"USD"}}"#)
    }
  }

  private func appendItemJSON(_ item: Event.Item, to row: inout TextBuffer) {
    let product = assortment.products[item.product]
    row.literal(#"{"SKU":""#)
    row.piece(product.sku)
    row.literal(#"","name":""#)
    row.piece(product.name)
    row.literal(#"","category":""#)
    row.piece(product.category)
    row.literal(#"","quantity":"#)
    row.integer(item.quantity)
    row.literal(#","priceTotal":"#)
    row.hundredths(product.price * item.quantity)
    row.byte("}")
  }

  func appendCSV(_ event: borrowing Event, to row: inout TextBuffer) {
    row.eventID(event.customer, event.index)
    row.byte(",")
    row.customerID(event.customer)
    row.byte(",")
    row.instant(event.timestamp)
    row.byte(",")
    appendType(event, to: &row)
    for kind in [Event.Kind.productView, .listAdd, .listRemoval, .checkout, .purchase] {
      row.byte(",")
      if event.kind == kind { row.byte("1") }
    }
    row.byte(",")
    if event.kind == .purchase {
      row.byte("O")
      row.eventID(event.customer, event.index)
      row.byte(",")
      row.hundredths(total(event))
    } else {
      row.byte(",")
    }
    row.byte(",")
    if let item = event.items.first {
      appendItemCSV(item, to: &row)
    } else {
      row.literal(",,,,")
    }
    row.byte(",")
    if hasPage(event) { appendPage(event, to: &row) }
    row.byte(",")
    if event.kind == .search { row.piece(words.searches[event.search]) }
    row.byte(",")
    if let device = event.device { row.piece(words.devices[device]) }
    row.byte(",")
    if let campaign = event.campaign { row.piece(words.campaigns[campaign]) }
    row.byte("\n")
  }

  private func appendItemCSV(_ item: Event.Item, to row: inout TextBuffer) {
    let product = assortment.products[item.product]
    row.piece(product.sku)
    row.byte(",")
    row.piece(product.csvName)
    row.byte(",")
    row.piece(product.category)
    row.byte(",")
    row.integer(item.quantity)
    row.byte(",")
    row.hundredths(product.price * item.quantity)
  }

  /// The order's sum in hundredths.
  private func total(_ event: borrowing Event) -> Int {
    var sum = 0
    for item in event.items { sum += assortment.products[item.product].price * item.quantity }
    return sum
  }

  private func appendType(_ event: borrowing Event, to row: inout TextBuffer) {
    switch event.kind {
    case .pageView, .search: row.literal("web.webpagedetails.pageViews")
    case .emailClick: row.literal("directMarketing.emailClicked")
    case .productView: row.literal("commerce.productViews")
    case .listAdd: row.literal("commerce.productListAdds")
    case .listRemoval: row.literal("commerce.productListRemovals")
    case .checkout: row.literal("commerce.checkouts")
    case .purchase: row.literal("commerce.purchases")
    case .contact: row.piece(words.contacts[event.contact])
    }
  }

  private func hasPage(_ event: borrowing Event) -> Bool {
    event.kind != .emailClick && event.kind != .contact && event.device != nil
  }

  private func appendPage(_ event: borrowing Event, to row: inout TextBuffer) {
    switch event.kind {
    case .pageView, .emailClick, .contact: row.literal("home")
    case .search: row.literal("search")
    case .productView:
      row.literal("product:")
      if let item = event.items.first { row.piece(assortment.products[item.product].category) }
    case .listAdd, .listRemoval: row.literal("cart")
    case .checkout: row.literal("checkout")
    case .purchase: row.literal("thank-you")
    }
  }
}

extension TextBuffer {
  /// Appends what an event is known by: the customer's key and its number there.
  mutating func eventID(_ customer: Int, _ index: Int) {
    customerID(customer)
    byte("-")
    integer(index)
  }
}

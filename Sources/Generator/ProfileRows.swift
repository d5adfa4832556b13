/// Writes customers as rows of profiles.
struct ProfileRows {
  let words: Words

  static let csvHeader: StaticString = """
    _id,_repo.createDate,person.name.firstName,person.name.lastName,person.birthDate,person.gender,\
    personalEmail.address,homeAddress.city,homeAddress.stateProvince,homeAddress.countryCode,\
    loyalty.tier,loyalty.points,loyalty.pointsRedeemed,loyalty.joinDate,\
    consents.marketing.email.val,consents.marketing.push.val,_covey.lifetimeSpend,\
    _covey.householdSize,_covey.satisfaction

    """

  func appendJSON(_ customer: Customer, to row: inout TextBuffer) {
    row.literal(#"{"_id":""#)
    row.customerID(customer.number)
    row.literal(#"","_repo":{"createDate":""#)
    row.instant(customer.createdAt)
    row.literal(#""},"person":{"name":{"firstName":""#)
    row.piece(words.firstNames[customer.firstName])
    row.literal(#"","lastName":""#)
    row.piece(words.lastNames[customer.lastName])
    row.literal(#""}"#)
    if let birthDay = customer.birthDay {
      row.literal(#","birthDate":""#)
      row.day(birthDay)
      row.literal("\"")
    }
    row.literal(#","gender":"#)
    if let gender = customer.gender {
      row.literal("\"")
      row.piece(words.genders[gender])
      row.literal("\"")
    } else {
      row.literal("null")
    }
    row.literal(#"},"personalEmail":{"address":""#)
    appendEmail(customer, to: &row)
    row.literal(#""}"#)
    if let place = customer.place {
      row.literal(#","homeAddress":{"city":""#)
      row.piece(words.places[place].city)
      row.literal(#"","stateProvince":""#)
      row.piece(words.places[place].region)
      row.literal(#"","countryCode":""#)
      row.piece(words.places[place].country)
      row.literal(#""}"#)
    }
    if customer.tier > 0 {
      row.literal(#","loyalty":{"tier":""#)
      row.piece(words.tiers[customer.tier])
      row.literal(#"","points":"#)
      row.integer(customer.points)
      row.literal(#","pointsRedeemed":"#)
      row.integer(customer.pointsRedeemed)
      row.literal(#","joinDate":""#)
      row.day(customer.joinDay)
      row.literal(#""}"#)
    }
    appendConsents(customer, to: &row)
    appendOwnFields(customer, to: &row)
    row.literal("}\n")
  }

  private func appendConsents(_ customer: Customer, to row: inout TextBuffer) {
    row.literal(#","consents":{"marketing":{"email":{"val":""#)
    row.byte(customer.acceptsEmail ? "y" : "n")
    row.literal(#""}"#)
    if let acceptsPush = customer.acceptsPush {
      row.literal(#","push":{"val":""#)
      row.byte(acceptsPush ? "y" : "n")
      row.literal(#""}"#)
    }
    row.literal("}}")
  }

  /// The fields that XDM has no group for, under the tenant's name.
  private func appendOwnFields(_ customer: Customer, to row: inout TextBuffer) {
    row.literal(#","_covey":{"lifetimeSpend":"#)
    row.hundredths(customer.lifetimeSpend)
    if let size = customer.householdSize {
      row.literal(#","householdSize":"#)
      row.integer(size)
    }
    row.literal(#","satisfaction":"#)
    if let satisfaction = customer.satisfaction {
      row.integer(satisfaction)
    } else {
      row.literal("null")
    }
    row.literal(#","interests":["#)
    var isFirst = true
    for (bit, interest) in words.interests.enumerated() where customer.interests >> bit & 1 == 1 {
      if !isFirst { row.byte(",") }
      isFirst = false
      row.byte("\"")
      row.piece(interest)
      row.byte("\"")
    }
    row.literal("]}")
  }

  func appendCSV(_ customer: Customer, to row: inout TextBuffer) {
    row.customerID(customer.number)
    row.byte(",")
    row.instant(customer.createdAt)
    row.byte(",")
    row.piece(words.firstNames[customer.firstName])
    row.byte(",")
    row.piece(words.lastNames[customer.lastName])
    row.byte(",")
    if let birthDay = customer.birthDay { row.day(birthDay) }
    row.byte(",")
    if let gender = customer.gender { row.piece(words.genders[gender]) }
    row.byte(",")
    appendEmail(customer, to: &row)
    row.byte(",")
    if let place = customer.place { row.piece(words.places[place].city) }
    row.byte(",")
    if let place = customer.place { row.piece(words.places[place].region) }
    row.byte(",")
    if let place = customer.place { row.piece(words.places[place].country) }
    row.byte(",")
    if customer.tier > 0 { row.piece(words.tiers[customer.tier]) }
    row.byte(",")
    if customer.tier > 0 { row.integer(customer.points) }
    row.byte(",")
    if customer.tier > 0 { row.integer(customer.pointsRedeemed) }
    row.byte(",")
    if customer.tier > 0 { row.day(customer.joinDay) }
    row.byte(",")
    row.byte(customer.acceptsEmail ? "y" : "n")
    row.byte(",")
    if let acceptsPush = customer.acceptsPush { row.byte(acceptsPush ? "y" : "n") }
    row.byte(",")
    row.hundredths(customer.lifetimeSpend)
    row.byte(",")
    if let size = customer.householdSize { row.integer(size) }
    row.byte(",")
    if let satisfaction = customer.satisfaction { row.integer(satisfaction) }
    row.byte("\n")
  }

  private func appendEmail(_ customer: Customer, to row: inout TextBuffer) {
    row.byte("c")
    row.integer(customer.number)
    row.byte("@")
    row.piece(words.domains[customer.domain])
  }
}

extension TextBuffer {
  /// Appends the profile key of a customer.
  mutating func customerID(_ number: Int) {
    byte("C")
    digits(number.magnitude, width: max(8, decimalWidth(number)))
  }

  private func decimalWidth(_ number: Int) -> Int {
    var width = 1
    var rest = number
    while rest >= 10 {
      rest /= 10
      width += 1
    }
    return width
  }
}

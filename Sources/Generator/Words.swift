/// The words that rows are made of; none needs an escape in JSON or quotes in CSV.
struct Words: Sendable {
  struct Place: Sendable {
    var city: [UInt8]
    var region: [UInt8]
    var country: [UInt8]

    init(_ city: String, _ region: String, _ country: String) {
      self.city = Array(city.utf8)
      self.region = Array(region.utf8)
      self.country = Array(country.utf8)
    }
  }

  let firstNames = Words.list(
    """
    Amelia Noah Zoë Lucas Mia José Hannah Elif Oliver Aisha Mateo Ingrid Łukasz Chloé Arjun Sofia \
    Björn Grace Kenji Fatima Leo Nora Dmitri Yuki Emma Samuel Priya Jonas Aoife Omar Clara Felix \
    Mei Anton Ruth Carlos Eva Malik Ida Tomás Ada Henrik Laila Victor Rosa Ben 李娜 Σοφία
    """
  )
  let lastNames = Words.list(
    """
    Smith Müller García Rossi Nguyen Johansson Tremblay Kowalski Okafor Tanaka Brown Dubois Silva \
    Novák Ivanova Haddad O'Brien Larsen Fernández Schmidt Kim Wilson Moreau Costa Patel Jensen \
    Murphy Bianchi Yilmaz Walker Lefèvre Andersson Singh Hughes Romero Weber Gagnon Marino Chen Ali
    """
  )
  let domains = Words.list("example.com example.net example.org mail.example post.example")
  let genders = Words.list("female male non_specific")
  let tiers = Words.list("none bronze silver gold platinum")
  let interests = Words.list("running camping yoga cycling climbing swimming travel cooking")
  let devices = Words.list("mobile desktop tablet")
  let campaigns = Words.list(
    """
    email-newsletter email-winter email-launch search-brand search-generic social-video \
    social-story display-retarget affiliate-blog
    """
  )
  /// What is searched for; the first ones most.
  let searches = Words.searches()
  let searchRanks: Zipf
  /// Types of events beside those of the shop; the first ones are the most frequent.
  let contacts = Words.list(
    """
    directMarketing.emailDelivered advertising.impressions application.launch \
    directMarketing.emailOpened pushTracking.applicationOpened decisioning.propositionDisplay \
    userprofile.login media.sessionStart web.webinteraction.linkClicks application.close \
    media.sessionComplete decisioning.propositionInteract advertising.clicks \
    commerce.saveForLaters commerce.productListOpens web.formFilledOut location.entry \
    location.exit pushTracking.customAction userprofile.logout directMarketing.emailBounced \
    directMarketing.emailUnsubscribed media.error listOperation.addToList
    """
  )
  let contactRanks: Zipf
  let places = [
    Place("London", "England", "GB"), Place("Toronto", "Ontario", "CA"),
    Place("New York", "New York", "US"), Place("Berlin", "Berlin", "DE"),
    Place("Paris", "Île-de-France", "FR"), Place("Chicago", "Illinois", "US"),
    Place("Montréal", "Québec", "CA"), Place("Sydney", "New South Wales", "AU"),
    Place("Austin", "Texas", "US"), Place("Madrid", "Comunidad de Madrid", "ES"),
    Place("Köln", "Nordrhein-Westfalen", "DE"), Place("Leeds", "England", "GB"),
    Place("Seattle", "Washington", "US"), Place("Göteborg", "Västra Götaland", "SE"),
    Place("Tōkyō", "Tōkyō-to", "JP"), Place("São Paulo", "São Paulo", "BR"),
  ]

  init() {
    searchRanks = Zipf(count: searches.count)
    contactRanks = Zipf(count: contacts.count)
  }

  private static func searches() -> [[UInt8]] {
    let things = [
      "running shoes", "rain jacket", "yoga mat", "tent", "gift", "water bottle", "bike light",
      "wool socks", "backpack 40l", "sale", "sleeping bag", "cap", "swim goggles", "rope",
      "hiking boots", "fleece", "gloves", "headlamp", "bike helmet", "base layer", "sun hat",
      "camp stove", "trekking poles", "dry bag", "thermos",
    ]
    let kinds = [
      "", " women", " men", " kids", " cheap", " light", " waterproof", " warm", " red", " black",
      " blue", " green", " large", " small", " new", " used", " outdoor", " city", " summer",
      " winter",
    ]
    let ends = ["", " online", " near me", " review"]
    var searches: [[UInt8]] = []
    for end in ends {
      for kind in kinds {
        for thing in things { searches.append(Array("\(thing)\(kind)\(end)".utf8)) }
      }
    }
    return searches
  }

  private static func list(_ text: String) -> [[UInt8]] {
    text.utf8.split(separator: UInt8(ascii: " ")).map { Array($0) }
  }
}

//! The words that a PDS keeps back from handles: those of the reference PDS (its lists of protocol
//! names and common host names; its list of famous accounts is left out). Words only, no rules.

/// Whether `label`, the part of a handle before the service domain, is kept back. Lower case.
pub(super) fn is_reserved(label: &str) -> bool {
    // The reference looks the word up in a plain JavaScript object, so a name that every such
    // object inherits is kept back too.
    label == "constructor" || RESERVED.split_ascii_whitespace().any(|word| word == label)
}

const RESERVED: &str = "
    about abuse access account accounts acme activate activities activity add address adm
    admanager admin administration administrator administrators admins ads adsense adult
    advertising adwords affiliate affiliatepage affiliates afp ajax all alpha analysis analytics
    android anon anonymous answer answers api apis app appengine appnews apps archive archives
    article asdf asset assets atp auth authentication avatar backup bank banner banners base
    beginners beta billing bin binaries binary blackberry blog blogs blogsearch bluesky board
    book bookmark bookmarks books bot bots bsky bug bugs business buy buzz cache calendar call
    campaign cancel captcha career careers cart catalog catalogs categories category cdn cgi
    cgi-bin changelog chart charts chat check checked checking checkout client cliente clients
    clients1 cnarne code comercial comment comments communities community company compare compras
    config configuration confirm confirmation connect contact contact-us contacts contactus
    content contest contribute contributor contributors coppa copyright copyrights core corp
    countries country cpanel create css cssproxy customise customize dashboard data default
    delete demo design designer desktop destroy dev devel developer developers devs diagram diary
    dict dictionary did die dir direct-messages directory dist diversity dmca doc docs
    documentation documentations documents domain domains donate download downloads e-mail earth
    ecommerce edit editor edits edu education email embed embedded employment employments empty
    enable encrypted end engine enterprise enterprises entries entry error errorlog errors eval
    event example examplecommunity exampleopenid examplesyn examplesyndicated exampleusername
    exchange exit explore faq faqs favorite favorites favourite favourites feature features feed
    feedback feedburner feedproxy feeds file files finance first folder folders following forgot
    form forms forum forums founder free friend friends ftp fuck fun fusion gadget gadgets game
    games gears general geographic get gettingstarted gift gifts gist git github gmail golang
    goto gov graph graphs group groups guest guests guide guides hack hacks handle head help home
    homepage host hosting hostmaster hostname how-to howto html htrnl http httpd https iamges
    icon icons idea ideas imac image images imap img inbox inboxes index indexes info information
    inquiry intranet investor investors invitation invitations invite invoice invoices ios ipad
    iphone irc irnages irng issue issues item items java javascript job jobs join json jump
    knowledge-base knowledgebase lab labs language languages last ldap-status ldapstatus legal
    lex lexicon license licenses link links linux list lists livejournal local locale location
    log log-in log-out login logout logs mac mac-os mac-os-x macos macosx mail mailer mailing
    main maintenance manage manager manual map maps marketing master media member members
    memories memory merchandise message messages messenger microblog microblogs mine mis misc mms
    mob mobile model models money movie movies mp3 mp4 msg msn music mymme mysql name named nan
    navi navigation net network networks new news newsletter nick nickname nil none notes
    noticias notification notifications notify ns1 ns2 ns3 ns4 ns5 nsid null oauth oauth-clients
    ocsp offer offers official old online openid operator option options order orders org
    organization organizations other overview owner owners p0rn pack page pager pages paid panel
    partner partnerpage partners password patch pay payment pds people perl person phone photo
    photoalbum photos php phpmyadmin phppgadmin phpredisadmin pic pics picture pictures ping
    pixel places plan plans plc plugin plugins podcasts policies policy pop pop3 popular porn
    portal portals post postfix postmaster posts pr0n premium press price pricing principles
    print privacy privacy-policy privacypolicy private prod product production products profile
    profiles project projects promo promotions proxies proxy pub public purchase purpose put
    python queries query radio random ranking read reader readme recent recruit recruitment
    redirect register registration release remove replies repo report reports repositories
    repository req request requests research reset resolve resolver review rnail rnicrosoft roc
    root rss ruby rule sag sale sales sample samples sandbox save scholar school schools script
    scripts search secure security self seminars send server server-info server-status servers
    service services session sessions setting settings setup share shop shopping shortcut
    shortcuts show sign-in sign-up signin signout signup site sitemap sitemaps sitenews sites
    sketchup sky slash slashinvoice slut smartphone sms smtp soap software sorry source spec
    special spreadsheet spreadsheets sql src srntp ssh ssl ssladmin ssladministrator sslwebmaster
    ssytem staff stage staging start stat state static statistics stats status store stores
    stories style styleguide styles stylesheet stylesheets subdomain subscribe subscription
    subscriptions suggest suggestqueries support survey surveys surveytool svn swf syn sync
    syndicated sys sysadmin sysadministrator sysadmins system tablet tablets tag tags talk
    talkgadget task tasks team teams tech telnet term terms terms-of-service termsofservice test
    testing tests text theme themes thread threads ticket tickets tid tmp to-do todo toml tool
    toolbar toolbars tools top topic topics tos tour trac trace translate translation
    translations translator trends tutorial tux twitter txt undef unfollow unsubscribe update
    updates upgrade upgrades upi upload uploads url usage user username usernames users uuid
    validation validations ver version video video-stats videos visitor visitors voice volunteer
    volunteers watch wave weather web webdisk webhook webhooks webmail webmaster webmasters
    webrnail website websites welcome whm whois widget widgets wifi wiki wikis win windows word
    work works workshop wpad wws www wwws wwww xfn xhtml xhtrnl xml xmpp xpg xrpc xxx yaml year
    yml you yourdomain yourname yoursite yourusername
";

-- One reading of the front matter for every template: `author`, `affiliations` and `date` become the map `lr`,
-- whose parts the Typst and HTML templates print; in DOCX, whose title block pandoc builds itself, the authors and
-- their institutions become paragraphs of the text.

local stringify = pandoc.utils.stringify
local kind = pandoc.utils.type

local months = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December" }

local function text(value)
  if value == nil then return nil end
  local plain = stringify(value)
  if plain == "" then return nil end
  return plain
end

local function inlines(value)
  if kind(value) == "Inlines" then return value end
  if kind(value) == "Blocks" then return pandoc.utils.blocks_to_inlines(value) end
  return pandoc.Inlines({ pandoc.Str(tostring(value)) })
end

-- A map is { key = … }; a list of maps, a single map and a single string are all accepted.
local function as_list(value)
  if value == nil then return {} end
  if kind(value) == "List" then return value end
  return { value }
end

-- A string literal of Typst's code mode.
local function quoted(plain)
  return pandoc.RawInline("typst", '"' .. plain:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"')
end

local function full_name(name)
  if kind(name) ~= "table" then return inlines(name) end
  if name.literal then return inlines(name.literal) end
  local out = pandoc.Inlines({})
  for _, part in ipairs({ "given", "dropping-particle", "non-dropping-particle", "family" }) do
    if name[part] then
      if #out > 0 then out:insert(pandoc.Space()) end
      out:extend(inlines(name[part]))
    end
  end
  return out
end

local function place(affiliation)
  if kind(affiliation) ~= "table" then return inlines(affiliation) end
  local out = pandoc.Inlines({})
  for _, part in ipairs({ "department", "name", "city", "region", "country" }) do
    if text(affiliation[part]) then
      if #out > 0 then out:extend({ pandoc.Str(","), pandoc.Space() }) end
      out:extend(inlines(affiliation[part]))
    end
  end
  return out
end

local function orcid_of(value)
  local plain = text(value)
  return plain and plain:match("(%d%d%d%d%-%d%d%d%d%-%d%d%d%d%-%d%d%d[%dX])")
end

local function people(meta)
  local by_id = {}
  for _, item in ipairs(as_list(meta.affiliations or meta.affiliation)) do
    if kind(item) == "table" and item.id then by_id[text(item.id)] = item end
  end
  local order, places, authors = {}, {}, {}
  local function mark(item)
    local reference = kind(item) == "table" and (text(item.ref) or (not item.name and text(item.id)))
      or (kind(item) ~= "table" and by_id[text(item)] and text(item))
    local found = reference and by_id[reference] or item
    if kind(found) == "table" and found.id and found.name then by_id[text(found.id)] = found end
    local printed = place(found)
    local key = stringify(printed)
    if not order[key] then
      table.insert(places, { mark = tostring(#places + 1), text = printed })
      order[key] = #places
    end
    return order[key]
  end
  for _, author in ipairs(as_list(meta.author or meta.authors)) do
    local record = {}
    if kind(author) == "table" and author.name then
      record.name = full_name(author.name)
      record.orcid = orcid_of(author.orcid)
      record.email = text(author.email)
      record.corresponding = author.corresponding == true or text(author.corresponding) == "true" or nil
      local marks = {}
      for _, item in ipairs(as_list(author.affiliations or author.affiliation)) do table.insert(marks, mark(item)) end
      table.sort(marks)
      record.marks = table.concat(marks, ",")
    else
      record.name, record.marks = inlines(author), ""
    end
    table.insert(authors, record)
  end
  return authors, places
end

local function add_docx_title(doc, authors, places)
  local blocks = pandoc.Blocks({})
  local function paragraph(style, content)
    blocks:insert(pandoc.Div({ pandoc.Para(content) }, pandoc.Attr("", {}, { ["custom-style"] = style })))
  end
  local line = pandoc.Inlines({})
  for i, author in ipairs(authors) do
    if i > 1 then line:extend({ pandoc.Str(","), pandoc.Space() }) end
    line:extend(author.name)
    local marks = author.marks .. (author.corresponding and (author.marks ~= "" and ",*" or "*") or "")
    if #authors == 1 and #places <= 1 then marks = author.corresponding and "*" or "" end
    if marks ~= "" then line:insert(pandoc.Superscript({ pandoc.Str(marks) })) end
    if author.orcid then
      line:extend({ pandoc.Space(), pandoc.Link("ORCID " .. author.orcid, "https://orcid.org/" .. author.orcid) })
    end
  end
  if #line > 0 then paragraph("Author", line) end
  for _, item in ipairs(places) do
    local content = pandoc.Inlines({})
    if #authors > 1 or #places > 1 then content:extend({ pandoc.Superscript({ pandoc.Str(item.mark) }), pandoc.Str("\u{2009}") }) end
    content:extend(item.text)
    paragraph("Affiliation", content)
  end
  for _, author in ipairs(authors) do
    if author.corresponding and author.email then
      paragraph("Affiliation", { pandoc.Str("* Correspondence: "),
        pandoc.Link(author.email, "mailto:" .. author.email) })
    end
  end
  if doc.meta.lr.version or doc.meta.lr.date then
    local parts = {}
    if doc.meta.lr.version then table.insert(parts, "Version " .. stringify(doc.meta.lr.version)) end
    if doc.meta.lr.date then table.insert(parts, stringify(doc.meta.lr.date)) end
    paragraph("Date", { pandoc.Str(table.concat(parts, " · ")) })
  end
  if doc.meta.lr.facts then
    local line = pandoc.Inlines({})
    for i, fact in ipairs(doc.meta.lr.facts) do
      if i > 1 then line:extend({ pandoc.Space(), pandoc.Str("·"), pandoc.Space() }) end
      line:extend(inlines(fact.name))
      line:extend({ pandoc.Str(":"), pandoc.Space() })
      line:extend(inlines(fact.text))
    end
    paragraph("Date", line)
  end
  if doc.meta.status then
    local line = pandoc.Inlines({ pandoc.Str("Status:"), pandoc.Space() })
    line:extend(inlines(doc.meta.status))
    paragraph("Date", line)
  end
  blocks:extend(doc.blocks)
  doc.blocks = blocks
  -- Printed above; left in the metadata, pandoc would print them again in its own title block.
  doc.meta.author, doc.meta.authors, doc.meta.date = nil, nil, nil
end

function Pandoc(doc)
  local meta = doc.meta
  local authors, places = people(meta)
  local lr = { affiliations = pandoc.List(places), authors = pandoc.List({}), corresponding = pandoc.List({}) }
  for i, author in ipairs(authors) do
    author.last = i == #authors or nil
    if #authors == 1 and #places <= 1 then author.marks = nil end
    lr.authors:insert({
      name = author.name, marks = author.marks ~= "" and author.marks or nil, orcid = author.orcid,
      corresponding = author.corresponding, last = author.last, quoted = quoted(stringify(author.name)),
    })
    if author.corresponding and author.email then
      lr.corresponding:insert({ name = author.name, email = author.email, quoted = quoted("mailto:" .. author.email) })
    end
  end
  lr.numbered = (#authors > 1 or #places > 1) or nil
  if #lr.corresponding == 0 then lr.corresponding = nil end
  if #places == 0 then lr.affiliations = nil end
  if #authors == 0 then lr.authors = nil end
  local day = text(meta.date)
  local y, m, d = (day or ""):match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  if y then
    lr.iso, lr.year, lr.month, lr.day = day, tostring(tonumber(y)), tostring(tonumber(m)), tostring(tonumber(d))
    lr.date = tonumber(d) .. " " .. months[tonumber(m)] .. " " .. y
  else
    lr.date = day
  end
  lr.version = text(meta.version)
  -- What the first page says of the living mode: a list of maps with name and text.
  local facts = as_list(meta.facts)
  if #facts > 0 then lr.facts = pandoc.List(facts) end
  lr.short = meta["short-title"] or meta.title
  lr.plaintitle = text(meta.title)
  if FORMAT == "typst" then
    local words = pandoc.List({})
    for _, word in ipairs(as_list(meta.keywords)) do words:insert(quoted(stringify(word))) end
    if #words > 0 then lr.keywords = words end
    if meta.title then lr.title = quoted(stringify(meta.title)) end
  end
  meta.lr = lr
  if FORMAT == "docx" then
    for _, author in ipairs(authors) do author.marks = author.marks or "" end
    add_docx_title(doc, authors, places)
  end
  return doc
end

-- Numbered and linked figures, tables, equations and sections, the same in every format.
--
-- Numbers are given here, in the order of the text, and become part of captions and headings; anchors are called
-- `item-…`, so that no engine takes them for labels of its own. `label-prefix: S` in the front matter gives Figure S1,
-- Table S1; `numbered-sections: true` numbers headings (not `.unnumbered` ones).

local stringify = pandoc.utils.stringify
local names = { fig = "Figure", tbl = "Table", eq = "Equation", sec = "Section" }
local nbsp = "\u{a0}"
local numbers, counts, prefix, sections = {}, { fig = 0, tbl = 0, eq = 0 }, "", { numbered = false, levels = {} }
local unknown = {}

local function kind_of(id)
  local kind = id:match("^(%a+)%-")
  return kind and names[kind] and kind or nil
end

local function number(id)
  local kind = kind_of(id)
  counts[kind] = counts[kind] + 1
  numbers[id] = prefix .. counts[kind]
  return numbers[id]
end

local function anchor(id) return "item-" .. id end

local function quoted(plain)
  return '"' .. plain:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", " ") .. '"'
end

local function escaped(plain)
  return (plain:gsub("&", "&amp;"):gsub("<", "&lt;"):gsub(">", "&gt;"):gsub('"', "&quot;"))
end

-- "Figure 1. " before the caption.
local function captioned(id, caption)
  local out = pandoc.Inlines({ pandoc.Strong({ pandoc.Str(names[kind_of(id)] .. nbsp .. number(id) .. ".") }) })
  if #caption > 0 then
    out:insert(pandoc.Space())
    out:extend(caption)
  end
  return out
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Vector figures where the format prints them well; Word gets the PNG beside the SVG.
local function fit_format(image)
  if FORMAT == "docx" and image.src:match("%.svg$") then
    local png = image.src:gsub("%.svg$", ".png")
    if exists(png) then image.src = png end
  end
  local alt = image.attributes["fig-alt"] or image.attributes["alt"]
  image.attributes["fig-alt"] = nil
  if alt then
    image.attributes["alt"] = alt
    if FORMAT == "docx" then image.caption = { pandoc.Str(alt) } end
  end
  return image
end

-- Typst lengths from `width=80%`, `84mm`, `3in`; a bare number or px is a CSS pixel (1/96 inch).
local function typst_width(value)
  if not value then return "auto" end
  local n, unit = value:match("^([%d.]+)%s*(%S*)$")
  if not n then return "auto" end
  if unit == "" or unit == "px" then return (tonumber(n) * 0.75) .. "pt" end
  if unit == "%" or unit == "mm" or unit == "cm" or unit == "in" or unit == "pt" or unit == "em" then return n .. unit end
  return "auto"
end

local function typst_image(image)
  local alt = image.attributes["alt"] or stringify(image.caption)
  return string.format("lr-image(%s, width: %s, alt: %s)", quoted(image.src), typst_width(image.attributes["width"]),
    quoted(alt))
end

local function figure(id, images, caption)
  local content = captioned(id, caption)
  for i, image in ipairs(images) do
    if not image.attributes["fig-alt"] and not image.attributes["alt"] then image.attributes["fig-alt"] = stringify(caption) end
    images[i] = fit_format(image)
  end
  if FORMAT == "typst" then
    local calls = pandoc.List(images):map(typst_image)
    -- A figure floats, and a label on the figure itself stays where it was written, which may be another page: the label goes inside.
    local body = "{ [#metadata(none) <" .. anchor(id) .. ">]; " .. table.concat(calls, "; ") .. " }"
    local inlines = pandoc.Inlines({ pandoc.RawInline("typst", "#figure(" .. body .. ", kind: image, caption: [") })
    inlines:extend(content)
    inlines:insert(pandoc.RawInline("typst", "])"))
    return { pandoc.Plain(inlines), pandoc.RawBlock("typst", "") }
  elseif FORMAT:match("^html") then
    local blocks = pandoc.Blocks({ pandoc.RawBlock("html", '<figure id="' .. anchor(id) .. '">') })
    for _, image in ipairs(images) do
      image.caption = {}
      blocks:insert(pandoc.Plain({ image }))
    end
    blocks:extend({ pandoc.RawBlock("html", "<figcaption>"), pandoc.Plain(content),
      pandoc.RawBlock("html", "</figcaption></figure>") })
    return blocks
  end
  local blocks = pandoc.Blocks({})
  for _, image in ipairs(images) do
    blocks:insert(pandoc.Div({ pandoc.Para({ image }) }, pandoc.Attr("", {}, { ["custom-style"] = "Captioned Figure" })))
  end
  blocks:insert(pandoc.Div({ pandoc.Para(content) }, pandoc.Attr("", {}, { ["custom-style"] = "Image Caption" })))
  return pandoc.Div(blocks, pandoc.Attr(anchor(id)))
end

-- Paragraphs take the style of the box around them; plain text would get one of the writer's own.
local function styled_cells(tbl)
  local cells = tbl:walk({ Plain = function(el) return pandoc.Para(el.content) end })
  return pandoc.Div({ cells }, pandoc.Attr("", {}, { ["custom-style"] = "Table Text" }))
end

-- Pairs, not a map: the order of a map's keys differs from run to run.
local function scrolling(label) return { { "tabindex", "0" }, { "role", "region" }, { "aria-label", label } } end

-- Quarto forbids pandoc to make figures of tables, and their captions would be lost with them.
local function table_figure(tbl, content)
  local opening = pandoc.Inlines({ pandoc.RawInline("typst", "#figure(kind: table") })
  if content then
    opening:insert(pandoc.RawInline("typst", ", caption: ["))
    opening:extend(content)
    opening:insert(pandoc.RawInline("typst", "]"))
  end
  opening:insert(pandoc.RawInline("typst", ")["))
  tbl.caption = { long = {} }
  tbl.classes:insert("typst:no-figure")
  return pandoc.Blocks({ pandoc.Plain(opening), tbl, pandoc.RawBlock("typst", "]") })
end

local function numbered_table(id, tbl, caption)
  local content = captioned(id, caption)
  local label = names.tbl .. " " .. numbers[id]
  tbl.identifier = ""
  if FORMAT == "docx" then
    tbl.caption = { long = {} }
    return pandoc.Div({
      pandoc.Div({ pandoc.Para(content) }, pandoc.Attr("", {}, { ["custom-style"] = "Table Caption" })),
      styled_cells(tbl),
    }, pandoc.Attr(anchor(id)))
  end
  if FORMAT == "typst" then
    -- A block's own spacing is lost at the edge of the block around it.
    local gap = pandoc.RawBlock("typst", "#lr-gap")
    return pandoc.Blocks({ gap, pandoc.Div(table_figure(tbl, content), pandoc.Attr(anchor(id), { "table-wrap" })), gap })
  end
  tbl.caption = { long = { pandoc.Plain(content) } }
  local attributes = FORMAT:match("^html") and scrolling(label) or {}
  return pandoc.Div({ tbl }, pandoc.Attr(anchor(id), { "table-wrap" }, attributes))
end

local function heading(el)
  if sections.numbered and not el.classes:includes("unnumbered") then
    local levels = sections.levels
    for level = el.level + 1, 6 do levels[level] = nil end
    levels[el.level] = (levels[el.level] or 0) + 1
    local parts = {}
    for level = 1, el.level do parts[level] = tostring(levels[level] or 0) end
    -- A document that begins with `##` has no level 1 to count.
    while parts[1] == "0" and #parts > 1 do table.remove(parts, 1) end
    local shown = prefix .. table.concat(parts, ".")
    if el.identifier ~= "" then numbers[el.identifier] = shown end
    el.content:insert(1, pandoc.Span({ pandoc.Str(shown) }, pandoc.Attr("", { "heading-number" })))
    el.content:insert(2, pandoc.Space())
  end
  -- Headings keep their own anchor, except those which an engine would take for its own cross-reference.
  if el.identifier:match("^sec%-") then el.identifier = anchor(el.identifier) end
  return el
end

-- The last paragraph of a `::: {#fig-x}` or `::: {#tbl-x}` div is its caption.
local function labelled_div(el)
  local kind = kind_of(el.identifier)
  if kind ~= "fig" and kind ~= "tbl" then return nil end
  local id, caption, images, tables = el.identifier, pandoc.Inlines({}), {}, {}
  local blocks = el.content:clone()
  local last = blocks[#blocks]
  if #blocks > 1 and (last.t == "Para" or last.t == "Plain") then
    caption = last.content
    blocks:remove(#blocks)
  end
  blocks:walk({ traverse = "topdown",
    Image = function(image)
      image.attributes["fig-alt"] = image.attributes["fig-alt"] or el.attributes["fig-alt"]
      image.attributes["width"] = image.attributes["width"] or el.attributes["width"]
      table.insert(images, image)
    end,
    Table = function(t) table.insert(tables, t) return nil, false end })
  if kind == "fig" and #images > 0 then return figure(id, images, caption), false end
  if kind == "tbl" and #tables == 1 then
    if #caption == 0 then caption = pandoc.utils.blocks_to_inlines(tables[1].caption.long) end
    return numbered_table(id, tables[1], caption), false
  end
  error("crossref: the div #" .. id .. " holds no " .. (kind == "fig" and "image" or "single table"))
end

local function labelled_figure(el)
  local images = {}
  el.content:walk({ Image = function(image) table.insert(images, image) end })
  local id = el.identifier
  if id == "" and images[1] then id = images[1].identifier end
  if kind_of(id) ~= "fig" or #images == 0 then return nil end
  images[1].identifier = ""
  return figure(id, images, pandoc.utils.blocks_to_inlines(el.caption.long)), false
end

-- Pandoc makes `: Caption {#tbl-x}` the table's identifier; Quarto's reader leaves it in the caption.
local blank = { Space = true, SoftBreak = true }

local function table_label(el)
  local caption = pandoc.utils.blocks_to_inlines(el.caption.long)
  if kind_of(el.identifier) == "tbl" then return el.identifier, caption end
  local last = caption[#caption]
  local id = last and last.t == "Str" and last.text:match("^{#(tbl%-[%w%-_]+)}$")
  if not id then return nil end
  repeat caption:remove(#caption) until #caption == 0 or not blank[caption[#caption].t]
  return id, caption
end

local function labelled_table(el)
  local id, caption = table_label(el)
  if id then return numbered_table(id, el, caption), false end
  if FORMAT == "docx" then return styled_cells(el), false end
  if FORMAT:match("^html") then
    return pandoc.Div({ el }, pandoc.Attr("", { "table-wrap" }, scrolling("Table"))), false
  end
  if FORMAT == "typst" and not el.classes:includes("typst:no-figure") then
    local caption = pandoc.utils.blocks_to_inlines(el.caption.long)
    return table_figure(el, #caption > 0 and caption or nil), false
  end
end

-- `$$ … $$ {#eq-x}` on its own.
local function paragraph(el)
  local content = el.content
  if #content == 1 and content[1].t == "Image" and kind_of(content[1].identifier) == "fig" then
    local image = content[1]
    local id, caption = image.identifier, image.caption
    image.identifier = ""
    return figure(id, { image }, caption), false
  end
  local last = content[#content]
  local id = #content >= 2 and content[1].t == "Math" and last.t == "Str" and last.text:match("^{#(eq%-[%w%-_]+)}$")
  if not id then return nil end
  local shown = "(" .. number(id) .. ")"
  local math = content[1]
  if FORMAT == "typst" then
    return pandoc.Div({ pandoc.Plain({ pandoc.RawInline("typst", "#lr-equation(number: [" .. shown .. "])["), math,
      pandoc.RawInline("typst", "]") }) }, pandoc.Attr(anchor(id))), false
  end
  return pandoc.Div({ pandoc.Para({ math, pandoc.Space(), pandoc.Span({ pandoc.Str(shown) },
    pandoc.Attr("", { "equation-number" })) }) }, pandoc.Attr(anchor(id), { "equation" })), false
end

local function reference(citation, bare, alone)
  local id, out = citation.id, pandoc.Inlines({})
  local kind, shown = kind_of(id), numbers[id]
  if not shown then
    unknown[id] = true
    return pandoc.Inlines({ pandoc.Strong({ pandoc.Str("?@" .. id) }) })
  end
  local label
  if bare or #citation.prefix > 0 then label = shown else label = names[kind] .. nbsp .. shown end
  if #citation.prefix > 0 then
    out:extend(citation.prefix)
    out:insert(pandoc.Str(nbsp))
  end
  out:insert(pandoc.Link({ pandoc.Str(label) }, "#" .. anchor(id), "", pandoc.Attr("", { "crossref" })))
  if #citation.suffix > 0 and alone then out:extend(citation.suffix) end
  return out
end

local function cite(el)
  local ours = 0
  for _, citation in ipairs(el.citations) do if kind_of(citation.id) then ours = ours + 1 end end
  if ours == 0 then return nil end
  if ours < #el.citations then error("crossref: a citation and a cross-reference share one pair of brackets: " .. stringify(el)) end
  local out = pandoc.Inlines({})
  for i, citation in ipairs(el.citations) do
    if i > 1 then out:extend({ pandoc.Str(","), pandoc.Space() }) end
    out:extend(reference(citation, citation.mode == "SuppressAuthor", true))
  end
  return out
end

-- What stays an image of the running text still gets the right file and its alternative text.
local function stray_image(el)
  if FORMAT == "typst" then
    local alt = el.attributes["fig-alt"] or el.attributes["alt"] or stringify(el.caption)
    return pandoc.RawInline("typst", string.format("#box(image(%s, width: %s, alt: %s));", quoted(el.src),
      typst_width(el.attributes["width"]), quoted(alt)))
  end
  if el.attributes["fig-alt"] or (FORMAT == "docx" and el.src:match("%.svg$")) then return fit_format(el) end
end

-- Formulas need words for readers who hear the page; their source is the best we have.
local function spoken(el)
  if FORMAT ~= "typst" then return nil end
  local alt = quoted((el.text:gsub("%s+", " ")))
  return { pandoc.RawInline("typst", "#[#set math.equation(alt: " .. alt .. ");"), el, pandoc.RawInline("typst", "]") }
end

function Pandoc(doc)
  if doc.meta["label-prefix"] then prefix = stringify(doc.meta["label-prefix"]) end
  sections.numbered = doc.meta["numbered-sections"] == true
  doc = doc:walk({ traverse = "topdown", Div = labelled_div, Figure = labelled_figure, Table = labelled_table,
    Para = paragraph, Header = heading, Image = stray_image })
  return doc:walk({ Cite = cite, Math = spoken })
end

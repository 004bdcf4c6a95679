-- The abstract as a box below the title, in every format: the `abstract` of the front matter, or else the section of
-- that name with which the text begins. Keywords close it.

local stringify = pandoc.utils.stringify
local kind = pandoc.utils.type

local function from_metadata(meta)
  local value = meta.abstract
  meta.abstract = nil
  if value == nil then return nil end
  if kind(value) == "Blocks" then return value end
  return pandoc.Blocks({ pandoc.Para(kind(value) == "Inlines" and value or { pandoc.Str(stringify(value)) }) })
end

-- Takes the leading section `# Abstract` out of the text.
local function from_text(doc)
  local first = doc.blocks[1]
  if not first or first.t ~= "Header" or stringify(first.content):lower() ~= "abstract" then return nil end
  local inside, rest, over = pandoc.Blocks({}), pandoc.Blocks({}), false
  for i = 2, #doc.blocks do
    local block = doc.blocks[i]
    over = over or (block.t == "Header" and block.level <= first.level)
    if over then rest:insert(block) else inside:insert(block) end
  end
  doc.blocks = rest
  return inside
end

local function keywords(meta)
  local listed = meta.keywords
  if not listed then return nil end
  local out = pandoc.Inlines({ pandoc.Strong({ pandoc.Str("Keywords") }), pandoc.Str("\u{2002}") })
  for i, word in ipairs(kind(listed) == "List" and listed or { listed }) do
    if i > 1 then out:extend({ pandoc.Space(), pandoc.Str("·"), pandoc.Space() }) end
    out:extend(kind(word) == "Inlines" and word or { pandoc.Str(stringify(word)) })
  end
  return out
end

local function styled(blocks, style)
  return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = style }))
end

function Pandoc(doc)
  local text = from_metadata(doc.meta) or from_text(doc)
  if not text then return nil end
  local title = doc.meta["abstract-title"] and stringify(doc.meta["abstract-title"]) or "Abstract"
  local words = keywords(doc.meta)
  local box = pandoc.Blocks({})
  if FORMAT == "typst" then
    box:insert(pandoc.RawBlock("typst", "#lr-abstract["))
    box:insert(pandoc.Para({ pandoc.RawInline("typst", "#lr-abstract-title["), pandoc.Str(title), pandoc.RawInline("typst", "]") }))
    box:extend(text)
    if words then box:insert(pandoc.Para(words)) end
    box:insert(pandoc.RawBlock("typst", "]"))
  elseif FORMAT == "docx" then
    box:insert(styled({ pandoc.Para({ pandoc.Str(title) }) }, "Abstract Title"))
    box:insert(styled(text, "Abstract"))
    if words then box:insert(styled({ pandoc.Para(words) }, "Keywords")) end
  else
    box:insert(pandoc.RawBlock("html", '<section class="abstract" role="doc-abstract" aria-labelledby="abstract">\n<h2 id="abstract">'))
    box:insert(pandoc.Plain({ pandoc.Str(title) }))
    box:insert(pandoc.RawBlock("html", "</h2>"))
    box:extend(text)
    if words then box:insert(pandoc.Div({ pandoc.Para(words) }, pandoc.Attr("", { "keywords" }))) end
    box:insert(pandoc.RawBlock("html", "</section>"))
  end
  box:extend(doc.blocks)
  doc.blocks = box
  return doc
end

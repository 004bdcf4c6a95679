-- Callouts, turned pages and page breaks, the same in every format. Runs before crossref.lua, so that the title of a
-- callout is not a numbered heading.

local titles = { note = "Note", tip = "Tip", warning = "Warning", important = "Important", caution = "Caution" }

local function callout(el)
  local kind
  for _, class in ipairs(el.classes) do
    local found = class:match("^callout%-(%a+)$")
    if found and titles[found] then kind = found end
  end
  if not kind then return nil end
  local blocks = el.content:clone()
  local title
  if el.attributes.title then
    title = pandoc.utils.blocks_to_inlines(pandoc.read(el.attributes.title, "markdown").blocks)
  elseif blocks[1] and blocks[1].t == "Header" then
    title = blocks[1].content
    blocks:remove(1)
  else
    title = pandoc.Inlines({ pandoc.Str(titles[kind]) })
  end
  if FORMAT == "typst" then
    local out = pandoc.Blocks({ pandoc.RawBlock("typst", '#lr-callout("' .. kind .. '")['), pandoc.Para({ pandoc.Strong(title) }) })
    out:extend(blocks)
    out:insert(pandoc.RawBlock("typst", "]"))
    return out
  elseif FORMAT == "docx" then
    blocks:insert(1, pandoc.Para({ pandoc.Strong(title) }))
    return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = "Callout" }))
  end
  blocks:insert(1, pandoc.Div({ pandoc.Plain(title) }, pandoc.Attr("", { "box-title" })))
  return pandoc.Div(blocks, pandoc.Attr("", { "box", "box-" .. kind }, { role = "note" }))
end

-- A4, upright and turned, margins as in the reference document.
local upright = '<w:p><w:pPr><w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
  .. '<w:pgMar w:top="1418" w:right="1418" w:bottom="1418" w:left="1418" w:header="709" w:footer="709" w:gutter="0"/>'
  .. "</w:sectPr></w:pPr></w:p>"
local turned = '<w:p><w:pPr><w:sectPr><w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
  .. '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="709" w:footer="709" w:gutter="0"/>'
  .. "</w:sectPr></w:pPr></w:p>"

local function landscape(el)
  if not el.classes:includes("landscape") then return nil end
  local blocks = pandoc.Blocks({})
  if FORMAT == "typst" then
    blocks:insert(pandoc.RawBlock("typst", "#lr-landscape["))
    blocks:extend(el.content)
    blocks:insert(pandoc.RawBlock("typst", "]"))
    return blocks
  elseif FORMAT == "docx" then
    blocks:insert(pandoc.RawBlock("openxml", upright))
    blocks:extend(el.content)
    blocks:insert(pandoc.RawBlock("openxml", turned))
    return blocks
  end
end

-- `{{< pagebreak >}}`, as the built-in engine hands it on.
local breaks = {
  typst = pandoc.RawBlock("typst", "#pagebreak(weak: true)"),
  docx = pandoc.RawBlock("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'),
}

local function pagebreak(el)
  if not el.classes:includes("pagebreak") then return nil end
  return breaks[FORMAT] or pandoc.Div({}, pandoc.Attr("", { "pagebreak" }, { style = "page-break-after: always;" }))
end

return { { Div = function(el) return callout(el) or landscape(el) or pagebreak(el) end } }

-- Content for some formats only: `.content-visible when-format="html"`, `unless-format`, and `.content-hidden`.
-- Runs first, so that what a reader cannot see is not numbered either.

local aliases = {
  html = { html = true, html4 = true, html5 = true },
  pdf = { typst = true, pdf = true },
  typst = { typst = true },
  docx = { docx = true },
}

local function matches(name)
  local known = aliases[name]
  return known ~= nil and known[FORMAT] == true or name == FORMAT
end

local function holds(attributes)
  local when, unless = attributes["when-format"], attributes["unless-format"]
  if when and not matches(when) then return false end
  if unless and matches(unless) then return false end
  return true
end

local function resolve(el)
  local visible
  if el.classes:includes("content-visible") then
    visible = holds(el.attributes)
  elseif el.classes:includes("content-hidden") then
    local a = el.attributes
    visible = (a["when-format"] ~= nil or a["unless-format"] ~= nil) and not holds(a)
  else
    return nil
  end
  if not visible then return {} end
  return el.content
end

return { { traverse = "topdown", Div = resolve, Span = resolve } }

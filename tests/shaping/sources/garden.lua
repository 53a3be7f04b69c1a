--- Plants that grow, and a garden that waters them.

local Plant = {}
Plant.__index = Plant

local SEASONS = {
  spring = { light = 0.6, rain = 0.7 },
  summer = { light = 1.0, rain = 0.3 },
  autumn = { light = 0.5, rain = 0.6 },
  winter = { light = 0.2, rain = 0.4 },
}

--- Makes a plant; `thirst` is how much water it needs a day.
function Plant.new(name, thirst)
  if type(name) ~= "string" or name == "" then
    error("a plant needs a name", 2)
  end
  return setmetatable({
    name = name,
    thirst = thirst or 1,
    height = 0,
    water = 0,
  }, Plant)
end

function Plant:drink(amount)
  self.water = math.min(self.water + amount, self.thirst * 3)
end

function Plant:grow(season)
  local facts = SEASONS[season]
  if not facts then
    return nil, ("no season is called %q"):format(season)
  end
  self:drink(facts.rain)
  if self.water < self.thirst then
    self.height = math.max(0, self.height - 1)
  elseif self.water > self.thirst * 2 then
    self.height = self.height + facts.light / 2
  else
    self.height = self.height + facts.light
  end
  self.water = self.water - self.thirst
  return self.height
end

local Garden = {}
Garden.__index = Garden

function Garden.new(...)
  local self = setmetatable({ plants = {}, day = 0 }, Garden)
  for _, plant in ipairs({ ... }) do
    self.plants[#self.plants + 1] = plant
  end
  return self
end

function Garden:tallest()
  local best
  for _, plant in ipairs(self.plants) do
    if not best or plant.height > best.height then
      best = plant
    end
  end
  return best
end

function Garden:run(days, season)
  repeat
    self.day = self.day + 1
    for _, plant in ipairs(self.plants) do
      local height, problem = plant:grow(season)
      if problem then
        -- A season that nobody knows stops everything.
        return false, problem
      end
      print(("%-10s %5.2f cm"):format(plant.name, height))
    end
  until self.day >= days
  return true
end

function Garden:each(callback)
  table.sort(self.plants, function(a, b)
    return a.name < b.name
  end)
  for index, plant in ipairs(self.plants) do
    callback(index, plant)
  end
end

return { Plant = Plant, Garden = Garden }

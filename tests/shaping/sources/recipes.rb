# frozen_string_literal: true

require "json"
require "pathname"

module Kitchen
  class UnknownUnit < StandardError; end

  # An amount of something, in one of a few units.
  Amount = Struct.new(:number, :unit, keyword_init: true) do
    def *(factor)
      self.class.new(number: number * factor, unit: unit)
    end

    def to_s
      format("%g %s", number, unit)
    end
  end

  class Recipe
    include Enumerable

    UNITS = %w[g kg ml l piece].freeze
    LABELS = {
      "g" => "gram",
      "ml" => "millilitre",
      "piece" => "piece",
    }.freeze

    attr_reader :title, :servings

    def self.load(path)
      data = JSON.parse(Pathname(path).read, symbolize_names: true)
      new(**data.slice(:title, :servings, :ingredients))
    rescue JSON::ParserError => e
      warn "#{path}: #{e.message}"
      nil
    end

    def initialize(title:, servings: 4, ingredients: {})
      @title = title
      @servings = servings
      @ingredients = ingredients.transform_values { |text| parse(text) }
    end

    def each(&block)
      return enum_for(:each) unless block

      @ingredients.each_pair(&block)
    end

    def scale(guests)
      raise ArgumentError, "nobody to cook for" unless guests.positive?

      factor = guests.to_f / servings
      map { |name, amount| [name, amount * factor] }.to_h
    end

    def shopping_list(guests: servings)
      lines = scale(guests).map do |name, amount|
        label = LABELS.fetch(amount.unit, amount.unit)
        "- #{name}: #{amount.number.round(1)} #{label}"
      end
      ["# #{title} (for #{guests})", *lines].join("\n")
    end

    def difficulty
      case count
      when 0..3 then :easy
      when 4..8 then :moderate
      else
        :hard
      end
    end

    private

    def parse(text)
      number, unit = text.to_s.split(" ", 2)
      # Without a unit, pieces are meant.
      unit ||= "piece"
      raise UnknownUnit, "no unit is called '#{unit}'" unless UNITS.include?(unit)

      Amount.new(number: Float(number), unit: unit)
    end
  end

  def self.menu(folder)
    Pathname(folder).glob("*.json").sort.filter_map do |path|
      recipe = Recipe.load(path)
      next if recipe.nil?

      puts "#{recipe.title} [#{recipe.difficulty}]"
      recipe
    end
  end
end

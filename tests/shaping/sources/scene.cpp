#include "scene.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace scene {

namespace {

constexpr double kEpsilon = 1e-9;

const std::unordered_map<std::string, Colour> kColours = {
    {"red", {1.0, 0.0, 0.0}},
    {"green", {0.0, 1.0, 0.0}},
    {"blue", {0.0, 0.0, 1.0}},
};

bool nearly(double a, double b) { return std::abs(a - b) < kEpsilon; }

}  // namespace

class Sphere final : public Shape {
 public:
  Sphere(Vector centre, double radius) : centre_(centre), radius_(radius) {
    if (radius <= 0.0) {
      throw std::invalid_argument("radius must be positive");
    }
  }

  std::optional<Hit> intersect(const Ray& ray) const override {
    const Vector offset = ray.origin - centre_;
    const double b = dot(offset, ray.direction);
    const double c = dot(offset, offset) - radius_ * radius_;
    const double root = b * b - c;
    if (root < 0.0) {
      return std::nullopt;
    }
    const double distance = -b - std::sqrt(root);
    if (distance < kEpsilon) return std::nullopt;
    return Hit{distance, ray.at(distance), normal(ray.at(distance))};
  }

 private:
  Vector normal(const Vector& point) const { return (point - centre_) / radius_; }

  Vector centre_;
  double radius_;
};

template <typename T, typename... Args>
T& Scene::add(Args&&... args) {
  auto shape = std::make_unique<T>(std::forward<Args>(args)...);
  T& reference = *shape;
  shapes_.push_back(std::move(shape));
  return reference;
}

std::optional<Hit> Scene::trace(const Ray& ray) const {
  std::optional<Hit> nearest;
  for (const auto& shape : shapes_) {
    auto hit = shape->intersect(ray);
    if (hit && (!nearest || hit->distance < nearest->distance)) {
      nearest = hit;
    }
  }
  return nearest;
}

Colour parse_colour(const std::string& name) {
  const auto found = kColours.find(name);
  if (found == kColours.end()) {
    throw std::out_of_range("no colour is called '" + name + "'");
  }
  return found->second;
}

void Scene::sort() {
  // Shapes that lie nearer are drawn last.
  std::sort(shapes_.begin(), shapes_.end(), [](const auto& a, const auto& b) {
    return a->depth() > b->depth();
  });
}

std::vector<std::string> Scene::names() const {
  std::vector<std::string> result;
  result.reserve(shapes_.size());
  std::transform(shapes_.begin(), shapes_.end(), std::back_inserter(result),
                 [](const auto& shape) { return shape->name(); });
  return result;
}

}  // namespace scene

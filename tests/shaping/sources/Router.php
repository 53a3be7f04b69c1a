<?php

declare(strict_types=1);

namespace Example\Http;

use Closure;
use InvalidArgumentException;
use Psr\Log\LoggerInterface;

/**
 * Finds the action for a path.
 *
 * Patterns may hold names in braces: `/users/{id}`.
 */
final class Router
{
    private const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

    /** @var array<string, array<string, Closure>> */
    private array $routes = [];

    public function __construct(
        private readonly LoggerInterface $logger,
        private readonly string $base = '',
    ) {
    }

    public function add(string $method, string $pattern, Closure $action): self
    {
        if (!in_array($method, self::METHODS, true)) {
            throw new InvalidArgumentException("unknown method \"$method\"");
        }
        $this->routes[$method][$this->base . $pattern] = $action;

        return $this;
    }

    public function dispatch(Request $request): Response
    {
        $method = $request->method();
        foreach ($this->routes[$method] ?? [] as $pattern => $action) {
            $names = $this->match($pattern, $request->path());
            if ($names === null) {
                continue;
            }
            try {
                return $action($request, ...$names);
            } catch (NotFound $error) {
                $this->logger->info('not found: {path}', ['path' => $request->path()]);
                return new Response(404, $error->getMessage());
            }
        }

        return new Response(404, 'No page (' . $request->path() . ')');
    }

    /** @return array<string, string>|null */
    private function match(string $pattern, string $path): ?array
    {
        $expression = preg_replace('~\{(\w+)\}~', '(?<$1>[^/]+)', $pattern);
        if (!preg_match("~^{$expression}$~", $path, $found)) {
            return null;
        }

        return array_filter($found, 'is_string', ARRAY_FILTER_USE_KEY);
    }

    public function describe(): string
    {
        $lines = [];
        foreach ($this->routes as $method => $routes) {
            // Longer patterns are the more special ones.
            uksort($routes, fn (string $a, string $b): int => strlen($b) <=> strlen($a));
            foreach (array_keys($routes) as $pattern) {
                $lines[] = sprintf('%-6s %s', $method, $pattern);
            }
        }

        return implode("\n", $lines);
    }

    public function status(int $code): string
    {
        return match (true) {
            $code < 300 => 'fine',
            $code < 400 => 'elsewhere',
            $code < 500 => 'your fault',
            default => 'our fault',
        };
    }
}

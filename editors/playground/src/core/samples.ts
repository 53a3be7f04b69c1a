/** What is in the editor to begin with; the caret goes where ‸ stands. Pure. */

export const CARET = '‸';

export interface Sample {
  readonly label: string;
  readonly text: string;
}

/** LSP identifier of each language that the page offers -> its name and a text to begin with. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  python: {
    label: 'Python',
    text: `def average(numbers):
    """The arithmetic mean, 0 of nothing."""
    if not numbers:
        return 0
    return sum(numbers) / len(numbers)


def spread(numbers):
    """The largest number less the smallest, 0 of nothing."""
    ‸
`,
  },
  javascript: {
    label: 'JavaScript',
    text: `export function average(numbers) {
  if (numbers.length === 0) {
    return 0;
  }
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

/** The largest number less the smallest, 0 of nothing. */
export function spread(numbers) {
  ‸
}
`,
  },
  typescript: {
    label: 'TypeScript',
    text: `export function average(numbers: readonly number[]): number {
  if (numbers.length === 0) {
    return 0;
  }
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

/** The largest number less the smallest, 0 of nothing. */
export function spread(numbers: readonly number[]): number {
  ‸
}
`,
  },
  go: {
    label: 'Go',
    text: `package figures

// Average is the arithmetic mean, 0 of nothing.
func Average(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sum := 0.0
	for _, each := range numbers {
		sum += each
	}
	return sum / float64(len(numbers))
}

// Spread is the largest number less the smallest, 0 of nothing.
func Spread(numbers []float64) float64 {
	‸
}
`,
  },
  rust: {
    label: 'Rust',
    text: `/// The arithmetic mean, 0 of nothing.
pub fn average(numbers: &[f64]) -> f64 {
    if numbers.is_empty() {
        return 0.0;
    }
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// The largest number less the smallest, 0 of nothing.
pub fn spread(numbers: &[f64]) -> f64 {
    ‸
}
`,
  },
  java: {
    label: 'Java',
    text: `final class Figures {
    /** The arithmetic mean, 0 of nothing. */
    static double average(double[] numbers) {
        if (numbers.length == 0) {
            return 0;
        }
        double sum = 0;
        for (double each : numbers) {
            sum += each;
        }
        return sum / numbers.length;
    }

    /** The largest number less the smallest, 0 of nothing. */
    static double spread(double[] numbers) {
        ‸
    }
}
`,
  },
  c: {
    label: 'C',
    text: `#include <stddef.h>

/* The arithmetic mean, 0 of nothing. */
double average(const double *numbers, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += numbers[i];
    return count ? sum / count : 0;
}

/* The largest number less the smallest, 0 of nothing. */
double spread(const double *numbers, size_t count)
{
    ‸
}
`,
  },
  cpp: {
    label: 'C++',
    text: `#include <numeric>
#include <vector>

// The arithmetic mean, 0 of nothing.
double average(const std::vector<double>& numbers) {
    if (numbers.empty()) return 0;
    return std::accumulate(numbers.begin(), numbers.end(), 0.0) / numbers.size();
}

// The largest number less the smallest, 0 of nothing.
double spread(const std::vector<double>& numbers) {
    ‸
}
`,
  },
  csharp: {
    label: 'C#',
    text: `using System.Linq;

static class Figures
{
    // The arithmetic mean, 0 of nothing.
    static double Average(double[] numbers)
    {
        return numbers.Length == 0 ? 0 : numbers.Sum() / numbers.Length;
    }

    // The largest number less the smallest, 0 of nothing.
    static double Spread(double[] numbers)
    {
        ‸
    }
}
`,
  },
  kotlin: {
    label: 'Kotlin',
    text: `/** The arithmetic mean, 0 of nothing. */
fun average(numbers: List<Double>): Double {
    if (numbers.isEmpty()) return 0.0
    return numbers.sum() / numbers.size
}

/** The largest number less the smallest, 0 of nothing. */
fun spread(numbers: List<Double>): Double {
    ‸
}
`,
  },
  ruby: {
    label: 'Ruby',
    text: `# The arithmetic mean, 0 of nothing.
def average(numbers)
  return 0 if numbers.empty?
  numbers.sum.to_f / numbers.size
end

# The largest number less the smallest, 0 of nothing.
def spread(numbers)
  ‸
end
`,
  },
  shellscript: {
    label: 'Shell',
    text: `#!/bin/sh
# Prints the largest file of a folder.
largest() {
  find "$1" -type f -printf '%s %p\\n' | sort -n | tail -n 1
}

# Prints the newest file of a folder.
newest() {
  ‸
}
`,
  },
  html: {
    label: 'HTML',
    text: `<!doctype html>
<html lang="en">
  <head>
    <title>Figures</title>
  </head>
  <body>
    <ul>
      <li><a href="#average">Average</a></li>
      ‸
    </ul>
  </body>
</html>
`,
  },
  css: {
    label: 'CSS',
    text: `.button {
  border: 1px solid currentcolor;
  border-radius: 4px;
  padding: 4px 12px;
}

.button:hover {
  ‸
}
`,
  },
  json: {
    label: 'JSON',
    text: `{
  "name": "figures",
  "version": "1.0.0",
  ‸
}
`,
  },
  markdown: {
    label: 'Markdown',
    text: `# Figures

- \`average\`: the arithmetic mean, 0 of nothing.
- \`spread\`: ‸
`,
  },
};

export const FIRST = 'python';

/** The text of a sample without its caret, and where that is. */
export function opened(language: string): { text: string; caret: number } {
  const text = SAMPLES[language]?.text ?? CARET;
  const caret = text.indexOf(CARET);
  return { text: text.replace(CARET, ''), caret };
}

/** Whether a text is a sample as it was. */
export function isUntouched(text: string): boolean {
  return text === '' || Object.keys(SAMPLES).some((each) => opened(each).text === text);
}

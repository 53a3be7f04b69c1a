-- A library that lends books, and what its desk asks every day.

CREATE TABLE members (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    joined DATE NOT NULL DEFAULT CURRENT_DATE,
    blocked BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    year INTEGER CHECK (year BETWEEN 1450 AND 2100)
);

CREATE TABLE loans (
    book_id INTEGER NOT NULL REFERENCES books (id),
    member_id INTEGER NOT NULL REFERENCES members (id),
    taken DATE NOT NULL,
    due DATE NOT NULL,
    returned DATE,
    PRIMARY KEY (book_id, taken)
);

CREATE INDEX loans_open ON loans (member_id) WHERE returned IS NULL;

INSERT INTO books (id, title, author, year) VALUES
    (1, 'The Salt Road', 'M. Adeyemi', 1998),
    (2, 'Small Engines', 'K. Lindqvist', 2011),
    (3, 'A Harbour in Winter', 'R. O''Dowd', 1974);

-- Who has kept a book too long?
SELECT
    members.name,
    books.title,
    CURRENT_DATE - loans.due AS days_late
FROM loans
JOIN members ON members.id = loans.member_id
JOIN books ON books.id = loans.book_id
WHERE loans.returned IS NULL
  AND loans.due < CURRENT_DATE
ORDER BY days_late DESC, members.name;

WITH counted AS (
    SELECT member_id, COUNT(*) AS number
    FROM loans
    GROUP BY member_id
    HAVING COUNT(*) > 3
)
SELECT
    members.name,
    counted.number,
    CASE
        WHEN counted.number > 50 THEN 'worm'
        WHEN counted.number > 10 THEN 'reader'
        ELSE 'guest'
    END AS rank
FROM counted
JOIN members ON members.id = counted.member_id;

UPDATE members
SET blocked = TRUE
WHERE id IN (
    SELECT member_id
    FROM loans
    WHERE returned IS NULL
      AND due < CURRENT_DATE - 90
);

CREATE VIEW shelf AS
SELECT books.id, books.title, books.author
FROM books
LEFT JOIN loans ON loans.book_id = books.id AND loans.returned IS NULL
WHERE loans.book_id IS NULL;

DELETE FROM loans
WHERE returned < CURRENT_DATE - 3650;

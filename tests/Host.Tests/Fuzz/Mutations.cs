using System.Text;

namespace Hospes.Host.Tests.Fuzz;

/// <summary>Makes bad input of good: cuts, repeats, swaps and strange bytes, from a seed.</summary>
internal sealed class Mutations(int seed)
{
    private static readonly string[] Tokens =
    [
        "(", ")", "((((", "))))", "'", "\"", "\\", "\\x", "\\777", "#", "\u0004", "\0", "<", ">", "</value>", "<value>", "<![CDATA[", "&amp;", "&#0;", "{", "}", "[", "]", ":", ",",
        "-1", "0", "99999999999999999999", "1e999", "\u00fc\u4e2d", "\ud83d\ude00", "\r\n", "\r\n\r\n", "%00", "%2f", "=", "&", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "\ufeff",
    ];

    private readonly Random _random = new(seed);

    /// <summary>A number below a limit.</summary>
    public int Next(int limit) => _random.Next(limit);

    /// <summary>One of these, changed in up to eight places.</summary>
    public string Change(IReadOnlyList<string> good)
    {
        StringBuilder text = new(good[_random.Next(good.Count)]);
        for (int count = _random.Next(9); count > 0; count--)
        {
            int at = _random.Next(text.Length + 1);
            int length = Math.Min(_random.Next(1 + (_random.Next(4) == 0 ? text.Length : 8)), text.Length - at);
            switch (_random.Next(6))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, Tokens[_random.Next(Tokens.Length)]);
                    break;
                case 2 when text.Length < 64 << 10:
                    text.Insert(at, text.ToString(at, length));
                    break;
                case 3 when at < text.Length:
                    text[at] = (char)_random.Next(_random.Next(8) == 0 ? 0x10000 : 0x80);
                    break;
                case 4:
                    text.Insert(at, string.Concat(Enumerable.Repeat(Tokens[_random.Next(Tokens.Length)], _random.Next(300))));
                    break;
                default:
                    string other = good[_random.Next(good.Count)];
                    text.Insert(at, other.AsSpan(_random.Next(other.Length)));
                    break;
            }
        }

        return text.ToString();
    }
}

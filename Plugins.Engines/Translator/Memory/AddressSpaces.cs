namespace Hospes.Engines.Translator.Memory;

/// <summary>
/// The address spaces whose user translations are kept (CR4.PCIDE: by the number in CR3's low bits), each in a place of its own; the one not used for
/// longest makes room. Without numbers there is one.
/// </summary>
internal sealed class AddressSpaces
{
    /// <summary>Linux takes turns with six numbers.</summary>
    internal const int Count = 6;

    private const int Nobody = -1;

    private readonly int[] _numbers = new int[Count];
    private readonly long[] _lastUse = new long[Count];
    private long _uses;

    internal AddressSpaces() => Reset();

    /// <summary>The place of the space that the CPU is in.</summary>
    internal int Current { get; private set; }

    /// <summary>Places that have been in use since the last reset lie below this.</summary>
    internal int Used { get; private set; }

    /// <summary>Forgets which space is where.</summary>
    internal void Reset()
    {
        Array.Fill(_numbers, Nobody);
        Current = 0;
        Used = 1;
    }

    /// <summary>Enters a space.</summary>
    /// <returns>True: what its place holds is still of that space.</returns>
    internal bool Enter(int number)
    {
        int place = Find(number);
        bool known = place >= 0;
        if (!known)
        {
            place = 0;
            for (int other = 1; other < Count && _numbers[place] != Nobody; other++)
            {
                if (_numbers[other] == Nobody || _lastUse[other] < _lastUse[place])
                    place = other;
            }

            _numbers[place] = number;
        }

        _lastUse[place] = ++_uses;
        Current = place;
        Used = Math.Max(Used, place + 1);
        return known;
    }

    /// <summary>A space's place; negative: nothing is kept of it.</summary>
    internal int Find(int number) => Array.IndexOf(_numbers, number);
}

using Hospes.Sdk.Storage;

namespace Hospes.Storage.Formats;

/// <summary>Finds places outside the file, and places used twice.</summary>
internal sealed class PlaceCheck(IBlockFile file)
{
    private const int MostErrors = 100;

    private readonly long _length = file.Length;
    private readonly List<string> _errors = [];
    private readonly List<(long Start, long End, string What)> _places = [];

    /// <summary>A place is used. False: there is no such place.</summary>
    public bool Use(long offset, long length, string what)
    {
        // The last cluster may be cut short.
        if (offset < 0 || offset >= _length || length > int.MaxValue)
        {
            Say($"{what} lies at 0x{offset:x}, outside the file");
            return false;
        }

        _places.Add((offset, offset + length, what));
        return true;
    }

    /// <summary>What was found.</summary>
    public ImageCheck Result()
    {
        _places.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        for (int index = 1; index < _places.Count; index++)
        {
            if (_places[index].Start < _places[index - 1].End)
                Say($"{_places[index].What} at 0x{_places[index].Start:x} is also {_places[index - 1].What}");
        }

        return new ImageCheck(_errors, 0, 0);
    }

    private void Say(string error)
    {
        if (_errors.Count < MostErrors)
            _errors.Add(error);
    }
}

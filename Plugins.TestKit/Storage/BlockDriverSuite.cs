using FluentAssertions;
using Hospes.Sdk.Storage;
using Xunit;

namespace Hospes.TestKit.Storage;

/// <summary>
/// What every driver for disks must do. Inherit it, say how an empty image is made, and run it. Each test prints its seed when it fails.
/// </summary>
public abstract class BlockDriverSuite
{
    private const int Seeds = 4;

    /// <summary>Sectors of the disks: a few clusters and a bit.</summary>
    protected virtual long Sectors => 1543;

    /// <summary>Longest write in sectors.</summary>
    protected virtual int LongestWrite => 200;

    /// <summary>Crashes tried at most; where there are fewer writes, one after each.</summary>
    protected virtual int MostCrashes => 400;

    /// <summary>Whether what is flushed outlives the image; false for disks in memory.</summary>
    protected virtual bool Keeps => true;

    /// <summary>The driver under test.</summary>
    protected abstract IBlockDriver Driver { get; }

    /// <summary>Seeds of the random tests.</summary>
    public static TheoryData<int> AllSeeds => new(Enumerable.Range(1, Seeds));

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void Random_reads_and_writes_are_as_a_plain_array_would_have_them(int seed)
    {
        Random random = new(seed);
        using IBlockImage image = Open(Make());
        DiskModel model = new(Sectors);
        for (int step = 0; step < 200; step++)
        {
            (long first, int count) = Range(random);
            switch (random.Next(10))
            {
                case < 5:
                    image.Write(first * DiskModel.Sector, model.Write(first, count));
                    break;
                case < 9:
                    Holds(image, model, first, count);
                    break;
                default:
                    image.Flush();
                    break;
            }
        }

        Holds(image, model, 0, (int)Sectors);
    }

    [Fact]
    public void Many_threads_see_their_own_writes()
    {
        using IBlockImage image = Open(Make());
        const int threads = 4;
        long each = Sectors / threads;
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            Random random = new(thread);
            DiskModel model = new(each);
            byte[] back = new byte[each * DiskModel.Sector];
            for (int step = 0; step < 100; step++)
            {
                int count = random.Next(1, 20);
                long first = random.NextInt64(each - count);
                image.Write(((thread * each) + first) * DiskModel.Sector, model.Write(first, count));
                if (step % 10 == 0)
                    image.Flush();
            }

            image.Read(thread * each * DiskModel.Sector, back);
            for (int sector = 0; sector < each; sector++)
                DiskModel.Number(back.AsSpan(sector * DiskModel.Sector, DiskModel.Sector)).Should().Be(model[sector]);
        });
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void What_was_flushed_is_there_when_it_is_opened_again(int seed)
    {
        if (!Keeps)
            return;
        MemoryFile file = Make();
        DiskModel model = new(Sectors);
        Random random = new(seed);
        for (int life = 0; life < 4; life++)
        {
            using IBlockImage image = Open(file);
            for (int step = 0; step < 20; step++)
            {
                (long first, int count) = Range(random);
                image.Write(first * DiskModel.Sector, model.Write(first, count));
            }

            image.Flush();
        }

        using IBlockImage last = Open(file);
        Holds(last, model, 0, (int)Sectors);
        IsSound(file, leaksAllowed: false);
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void A_crash_after_any_write_loses_nothing_that_was_flushed(int seed)
    {
        if (!Keeps)
            return;
        (MemoryFile start, MemoryFile file, List<(int Events, IReadOnlyList<ulong[]> Possible)> moments) = Record(seed, steps: 24);
        FileEvent[] log = [.. file.Log];
        Random random = new(seed);
        IEnumerable<int> prefixes = log.Length <= MostCrashes
            ? Enumerable.Range(0, log.Length + 1)
            : Enumerable.Range(0, MostCrashes).Select(_ => random.Next(log.Length + 1));
        foreach (int prefix in prefixes)
            Survives(start, log.Take(prefix), moments.Last(moment => moment.Events <= prefix).Possible, After(moments, prefix), $"seed {seed}, after {prefix} of {log.Length}");
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void A_crash_that_loses_any_unflushed_writes_loses_nothing_that_was_flushed(int seed)
    {
        if (!Keeps)
            return;
        (MemoryFile start, MemoryFile file, List<(int Events, IReadOnlyList<ulong[]> Possible)> moments) = Record(seed, steps: 24);
        FileEvent[] log = [.. file.Log];
        Random random = new(seed);
        for (int attempt = 0; attempt < MostCrashes / 8; attempt++)
        {
            int prefix = random.Next(log.Length + 1);
            int flushed = Array.FindLastIndex(log, Math.Max(0, prefix - 1), static item => item.Kind == FileEventKind.Flush) + 1;
            IEnumerable<FileEvent> kept = log.Take(prefix).Where((item, index) => index < flushed || item.Kind == FileEventKind.SetLength || random.Next(2) == 0);
            Survives(start, [.. kept], moments.Last(moment => moment.Events <= prefix).Possible, After(moments, prefix), $"seed {seed}, attempt {attempt}, some of {prefix}");
        }
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void A_medium_that_fails_at_any_place_hurts_what_was_being_done_and_nothing_else(int seed)
    {
        for (int failing = 0; failing < 60; failing += 3)
        {
            MemoryFile file = Make();
            Random random = new(seed);
            DiskModel model = new(Sectors);
            using IBlockImage image = Open(file);
            int count = 0;
            file.Fails = what => what != "read" && count++ == failing;
            for (int step = 0; step < 12; step++)
            {
                (long first, int length) = Range(random);
                byte[] bytes = model.Write(first, length);
                if (!Succeeds(() => image.Write(first * DiskModel.Sector, bytes)))
                    model.Failed(first, length);
                if (step % 4 == 3)
                    Succeeds(image.Flush);
            }

            file.Fails = null;
            image.Flush();
            Holds(image, model, 0, (int)Sectors);
            if (!Keeps)
                continue;
            using IBlockImage again = Open(file.Copy());
            Holds(again, model, 0, (int)Sectors);
        }
    }

    [Fact]
    public void A_full_medium_is_an_error_until_there_is_room()
    {
        if (!Keeps)
            return;
        MemoryFile file = Make();
        DiskModel model = new(Sectors);
        using IBlockImage image = Open(file);
        image.Write(0, model.Write(0, 8));
        image.Flush();
        file.Room = file.Length;
        bool isFull = false;
        for (long sector = 8; sector + 8 <= Sectors; sector += 8)
        {
            byte[] bytes = model.Write(sector, 8);
            if (!Succeeds(() => image.Write(sector * DiskModel.Sector, bytes)))
            {
                isFull = true;
                model.Failed(sector, 8);
            }
        }

        Succeeds(image.Flush);
        file.Room = long.MaxValue;
        if (isFull)
            image.Write(0, model.Write(0, (int)Sectors));
        image.Flush();
        Holds(image, model, 0, (int)Sectors);
        using IBlockImage again = Open(file.Copy());
        Holds(again, model, 0, (int)Sectors);
    }

    [Fact]
    public void A_read_error_is_told_and_goes_by()
    {
        MemoryFile file = Make();
        DiskModel model = new(Sectors);
        using (IBlockImage first = Open(file))
        {
            first.Write(0, model.Write(0, 64));
            first.Flush();
        }

        if (!Keeps)
            return;
        using IBlockImage image = Open(file);
        file.Fails = static what => what == "read";
        byte[] back = new byte[DiskModel.Sector];
        FluentActions.Invoking(() => image.Read(0, back)).Should().Throw<IOException>().WithMessage($"*{file.Path}*");
        file.Fails = null;
        Holds(image, model, 0, 64);
    }

    [Fact]
    public void The_image_disposes_its_file()
    {
        MemoryFile file = Make();
        Open(file).Dispose();
        file.Disposals.Should().Be(1);
    }

    [Fact]
    public void What_is_no_image_is_refused_and_its_file_disposed()
    {
        MemoryFile empty = new();
        FluentActions.Invoking(() => Driver.Open([empty], isWritable: true)).Should().Throw<IOException>().WithMessage($"*{empty.Path}*");
        empty.Disposals.Should().Be(1);
    }

    /// <summary>An empty image of <see cref="Sectors"/> sectors.</summary>
    protected abstract MemoryFile Make();

    /// <summary>Opens an image for writing.</summary>
    protected IBlockImage Open(MemoryFile file)
    {
        IBlockImage image = Driver.Open([file], isWritable: true);
        image.Length.Should().Be(Sectors * DiskModel.Sector);
        image.IsWritable.Should().BeTrue();
        return image;
    }

    private static bool Succeeds(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Holds(IBlockImage image, DiskModel model, long first, int count)
    {
        byte[] back = new byte[count * DiskModel.Sector];
        image.Read(first * DiskModel.Sector, back);
        for (int index = 0; index < count; index++)
        {
            ulong expected = model[first + index];
            if (expected != ulong.MaxValue && DiskModel.Number(back.AsSpan(index * DiskModel.Sector, DiskModel.Sector)) != expected)
                DiskModel.Number(back.AsSpan(index * DiskModel.Sector, DiskModel.Sector)).Should().Be(expected, $"sector {first + index} was written so");
        }
    }

    // The next moment's possibilities too: the write in the middle of which the machine died.
    private static IReadOnlyList<ulong[]> After(List<(int Events, IReadOnlyList<ulong[]> Possible)> moments, int prefix) =>
        moments.FirstOrDefault(moment => moment.Events > prefix).Possible ?? moments[^1].Possible;

    private (long First, int Count) Range(Random random)
    {
        int count = random.Next(1, (int)Math.Min(LongestWrite, Sectors));
        return (random.NextInt64(Sectors - count), count);
    }

    private (MemoryFile Start, MemoryFile File, List<(int Events, IReadOnlyList<ulong[]> Possible)> Moments) Record(int seed, int steps)
    {
        MemoryFile start = Make().Copy();
        MemoryFile file = start.Copy();
        DiskModel model = new(Sectors);
        Random random = new(seed);
        List<(int, IReadOnlyList<ulong[]>)> moments = [(0, model.Snapshot())];
        using IBlockImage image = Open(file);
        for (int step = 0; step < steps; step++)
        {
            if (random.Next(4) == 0)
            {
                image.Flush();
                model.Flush();
            }
            else
            {
                (long first, int count) = Range(random);
                image.Write(first * DiskModel.Sector, model.Write(first, count));
            }

            moments.Add((file.Log.Count, model.Snapshot()));
        }

        return (start, file, moments);
    }

    private void Survives(
        MemoryFile start, IEnumerable<FileEvent> events, IReadOnlyList<ulong[]> possible, IReadOnlyList<ulong[]> next, string when)
    {
        MemoryFile file = start.Copy();
        foreach (FileEvent item in events)
        {
            switch (item.Kind)
            {
                case FileEventKind.Write:
                    file.Write(item.Offset, item.Bytes);
                    break;
                case FileEventKind.Zero:
                    file.Zero(item.Offset, item.Length);
                    break;
                case FileEventKind.SetLength:
                    file.SetLength(item.Offset);
                    break;
            }
        }

        IsSound(file, leaksAllowed: true, when);
        using IBlockImage image = Open(file);
        byte[] back = new byte[Sectors * DiskModel.Sector];
        image.Read(0, back);
        for (int sector = 0; sector < Sectors; sector++)
        {
            ulong? found = DiskModel.Number(back.AsSpan(sector * DiskModel.Sector, DiskModel.Sector));
            if (found is not { } number || (Array.IndexOf(possible[sector], number) < 0 && Array.IndexOf(next[sector], number) < 0))
                found.Should().Be(possible[sector][0], $"sector {sector} holds something it never may ({when})");
        }
    }

    private void IsSound(MemoryFile file, bool leaksAllowed, string when = "")
    {
        if (Driver is not IImageFormat format)
            return;
        ImageCheck check = format.Check(file, repair: false);
        check.Errors.Should().BeEmpty(when);
        if (!leaksAllowed)
            check.Leaks.Should().Be(0);
    }
}

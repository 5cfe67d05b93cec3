using Hospes.Sdk;

namespace Hospes.TestKit.Schedulers.Simulation;

/// <summary>What a simulated vCPU does: it computes for a while, sleeps for a while, and again. One <see cref="Random"/> per vCPU, so runs repeat.</summary>
/// <param name="Burst">CPU time until the next sleep; <see cref="Nanoseconds.Never"/>: it never sleeps again.</param>
/// <param name="Sleep">Time from then to the next wake-up; <see cref="Nanoseconds.Never"/>: it never wakes by itself again.</param>
public sealed record Load(Func<Random, Nanoseconds> Burst, Func<Random, Nanoseconds> Sleep)
{
    /// <summary>Computes without end.</summary>
    public static Load Hog { get; } = new(static _ => Nanoseconds.Never, static _ => Nanoseconds.Never);

    /// <summary>Computes and sleeps in equal turns.</summary>
    public static Load Sleeper(Nanoseconds burst, Nanoseconds sleep) => new(_ => burst, _ => sleep);

    /// <summary>Computes and sleeps at random, exponentially distributed around these means.</summary>
    public static Load Bursts(Nanoseconds meanBurst, Nanoseconds meanSleep) => new(random => Exponential(random, meanBurst), random => Exponential(random, meanSleep));

    private static Nanoseconds Exponential(Random random, Nanoseconds mean)
    {
        double uniform = random.NextDouble();
        return new Nanoseconds(1 + (long)(-Math.Log(1 - uniform) * mean.Value));
    }
}

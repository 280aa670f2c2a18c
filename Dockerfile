# The image of every process of Kompressor: `docker build -t kompressor .`
# The first argument says which one: `docker run kompressor api --help`.

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# JavaScript and the pages, as in the package on npm.
RUN npm run prepack

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The packages that bring Node along are for machines without it; types and source maps are for people who write code.
RUN npm ci --omit=dev && rm -rf node_modules/node-* && \
    find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    KOMPRESSOR_HOST=0.0.0.0 \
    KOMPRESSOR_DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY bin bin
COPY --from=build /src/dist dist
# Everything is read-only but what is mounted at /data, for `standalone`, and the temporary folder.
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
VOLUME /data
EXPOSE 8080
# Node is PID 1 itself: it handles SIGTERM, and every child it starts it also waits for.
ENTRYPOINT ["node", "/app/bin/kompressor.js"]
CMD ["standalone"]
